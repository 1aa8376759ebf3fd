export { type AdaptOptions, adaptObject } from './adapt/adapt-object.js';
export {
  type AuditedImport,
  type AuditOptions,
  auditImports,
  type ImportAudit,
  type ImportUse,
} from './audit/import-audit.js';
export {
  type CheckOptions,
  type CheckReport,
  checkModule,
  type FullReport,
  LOADER_PROFILES,
  type LoaderProfile,
  type ParityReport,
  type Verdict,
} from './check/check-module.js';
export { DEFECTS, type Defect, type DefectId, type DefectPlace, type DefectSeverity } from './check/defect.js';
export {
  LoaderDefect,
  type LoaderDefectCode,
  type LoaderDefectData,
  LoaderError,
  type LoaderErrorCode,
  type LoaderErrorData,
} from './errors.js';
export type { PlacedSection, ResolvedImport, Veneer } from './full/image.js';
export { loadModule } from './full/load-module.js';
export {
  type DanglingPointer,
  LoadedModule,
  type ModuleSymbol,
  type RelocationAt,
  type SymbolAt,
  type UnloadReport,
} from './full/loaded-module.js';
export type {
  ContentKind,
  ImportRequest,
  InPlaceFile,
  LoadOptions,
  Permissions,
  Placement,
  ResolveSymbol,
  SectionToPlace,
} from './full/options.js';
export { ModuleRegistry, type ModuleRequest, type RegistryOptions } from './full/registry.js';
export type { MemoryBlock } from './full/section-plan.js';
export {
  GP_IOT_CALL,
  GP_IOT_INPUT,
  GP_IOT_METADATA_SIZE,
  type GpIotFailure,
  type GpIotGeneration,
  type GpIotLoadResult,
  GpIotRunner,
  type GpIotRunnerOptions,
  type LoadedBlob,
} from './gp-iot/runner.js';
export type { AllocationPurpose, AllocationRequest, TargetMemory } from './target-memory.js';
export type { ZeroDivide } from './tencentos/c-buffer.js';
export { ELFLOADER_ERR, elfLoaderErrorName } from './tencentos/error-numbers.js';
export type { ExportedSymbol, ExportSearch } from './tencentos/export-table.js';
export type {
  TencentosLoadResult,
  TencentosModule,
  TencentosObjectSections,
  TencentosSection,
} from './tencentos/module.js';
export type { TencentosEvent, TencentosObserver } from './tencentos/observer.js';
export { TencentosLoader, type TencentosLoaderOptions } from './tencentos/tencentos-loader.js';
