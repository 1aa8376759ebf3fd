/** What the C originals print; addresses are the board's business. */
export const expectedOutput: Readonly<Record<string, RegExp>> = {
  'tencentos-object': /^addr: 2000[0-9a-f]{4}\nf_e_a: 24\n$/,
  'tencentos-shared-object': /^addr: 2000[0-9a-f]{4}\nf_e_a: 24\n$/,
  // Each module adds its own 15 to the firmware's variable.
  'tencentos-raw-flash':
    /^addr: 2000[0-9a-f]{4}\nf_e_a: 24\naddr: 2000[0-9a-f]{4}\nf_e_a: 39\naddr: 2000[0-9a-f]{4}\nf_e_a: 54\n$/,
  'esp32-blob': /^Loading from SPIFFS\r\nBIN SIZE: 72\r\n[\s\S]*\nReturn value from task: AAAAAAAAAA\n$/,
  'esp32-sketch':
    /^Loading from SPIFFS\r\nBIN SIZE: \d+\nReturn value from task: 0123456789ABCDEF\nOffset of hex in taskFunction: 0x4C\n$/,
};
