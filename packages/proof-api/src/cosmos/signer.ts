const BECH32_ADDRESS = /^[a-z][a-z0-9]{0,19}1[02-9ac-hj-np-z]{6,90}$/;
const MAX_ADDRESS_CHARS = 90;

/** @returns the address when it looks like one; the chain itself is the judge of its checksum */
export const parseSigner = (text: string): string | undefined =>
  text.length <= MAX_ADDRESS_CHARS && BECH32_ADDRESS.test(text) ? text : undefined;
