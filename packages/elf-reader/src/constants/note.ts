/** n_type of notes whose name is `GNU`. */
export const NT_GNU = {
  ABI_TAG: 1,
  HWCAP: 2,
  BUILD_ID: 3,
  GOLD_VERSION: 4,
  PROPERTY_TYPE_0: 5,
} as const;
