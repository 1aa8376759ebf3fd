export { LoadstoneError, type LoadstoneErrorCode } from './error.js';
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
