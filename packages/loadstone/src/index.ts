export {
  Board,
  type BoardDescription,
  type BoardSymbol,
  type CallResult,
  commonImports,
  type FaultReport,
  faultText,
  GuestFault,
  type HostFunction,
  host,
  type Limits,
  SharedVariable,
  variable,
} from '@loadstone/emulator-host';
export type { CheckReport, LoaderProfile } from '@loadstone/module-loader';
export {
  type BoardName,
  boardForModule,
  boardMachine,
  boardNames,
  type CreateBoardOptions,
  createBoard,
} from './boards.js';
export { adaptLocation, type CheckLocationOptions, checkLocation, profileFor, profileNames } from './check.js';
export { LoadstoneError, type LoadstoneErrorCode } from './error.js';
export { type BlobRun, type RunBlobOptions, runBlob, runBlobFrom } from './esp32/run-blob.js';
export {
  type EditableImage,
  editImage,
  type Image,
  type ImageEntry,
  type ImageFile,
  type ImageSpace,
  type OpenedLocation,
  type OpenImageOptions,
  openImage,
  openLocation,
} from './image.js';
export { buildImage, type FatRecipe, type ImageInput, type ImageRecipe, type SpiffsRecipe } from './image-build.js';
export { type CheckImageOptions, checkImage, type ImageCheck, type ImageProblem, repairImage } from './image-check.js';
export type { ImageKind, SpiffsSettings } from './image-format.js';
export { type ExtractedPath, extractionPaths } from './image-names.js';
export { type ImportGroupName, importGroupNames } from './imports.js';
export {
  type InspectedBlob,
  type InspectedElf,
  type InspectedImage,
  type InspectedRelocation,
  type InspectedSymbol,
  type Inspection,
  inspect,
} from './inspect.js';
export { type Location, parseLocation } from './location.js';
export { type LoadModuleOptions, loadModule, loadModuleFrom, Module, type SymbolDefinitions } from './module.js';
