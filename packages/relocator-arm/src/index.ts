export { type ArmApplication, apply, applyArm, applyArmRel, readAddend, rewriteV4bx } from './apply.js';
export {
  type BranchRange,
  branchRange,
  reaches,
  resolveTarget,
  type TargetPolicy,
  unresolvedWeak,
} from './branch.js';
export { TARGET, type Target } from './codec.js';
export { RelocationError, type RelocationErrorCode, type RelocationErrorData } from './error.js';
export type { Field } from './field.js';
export type { Operation, Origins } from './operation.js';
export { type ArmRelocation, armRelocation, armRelocationName, armRelocations, type Refusal } from './table.js';
