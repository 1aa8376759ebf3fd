/** What the generated interpreter must know of an architecture; byte offsets of slots. */
export interface InterpreterShape {
  readonly n: number;
  readonly z: number;
  readonly c: number;
  readonly v: number;
  /** The slots that decide about the mode. */
  readonly modeA: number;
  readonly modeB: number;
  readonly modeC: number;
  /** The float unit's simple case: (word at control & mask) === plain. */
  readonly control: number;
  readonly mask: number;
  readonly plain: number;
  /** Place of the jump cache. */
  readonly jumpCache: number;
  /** Where ip and fuel are left. */
  readonly ip: number;
  readonly fuel: number;
}
