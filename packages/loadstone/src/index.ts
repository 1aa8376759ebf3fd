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
export { type BoardName, boardForModule, boardNames, type CreateBoardOptions, createBoard } from './boards.js';
export { adaptLocation, type CheckLocationOptions, checkLocation, profileFor, profileNames } from './check.js';
export { LoadstoneError, type LoadstoneErrorCode } from './error.js';
export { type BlobRun, type RunBlobOptions, runBlob, runBlobFrom } from './esp32/run-blob.js';
export { type Image, type ImageFile, type OpenedLocation, openImage, openLocation } from './image.js';
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
