/** The state of something on the host's side, as a snapshot holds it. */
export interface KeptState {
  /** What JSON can hold: all of it, unless `local` says otherwise. */
  readonly data: unknown;
  /** Objects that only this process knows. Absent in a snapshot made of bytes. */
  readonly live?: unknown;
  /** Why the state cannot leave this process; absent when it can. */
  readonly local?: string;
}

/** Something on the host's side whose state belongs to a board's (a scheduler's tasks): snapshots hold it. */
export interface StateKeeper {
  /** Its name in snapshots. A later keeper of the same name takes its place. */
  readonly name: string;
  save(): KeptState;
  /**
   * Puts a state back. Guest memory and the main thread are as they were then; undefined when the snapshot is older than the keeper.
   * @throws HostError SNAPSHOT for data it did not make
   */
  restore(state: KeptState | undefined): void;
}
