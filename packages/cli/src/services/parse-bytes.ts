import { hexToBytes } from '@interchain-attestation/core';
import { CliError } from '../output/errors.ts';

/** Bytes from hex digits, with or without 0x. @throws CliError `cli/usage` */
export const parseHex = (text: string): Uint8Array => {
  const hex = text.trim();
  if (!/^(0x)?([0-9a-fA-F]{2})+$/i.test(hex)) throw new CliError('cli/usage', 'expected hex digits, two a byte');
  return hexToBytes(`0x${hex.replace(/^0x/i, '').toLowerCase()}`);
};

/** Bytes of a file: hex or base64 text, or the bytes themselves. */
export const parseBytes = (content: Buffer): Uint8Array => {
  const text = content.toString('latin1').trim();
  if (/^(0x)?[0-9a-fA-F\s]+$/i.test(text)) return parseHex(text.replace(/\s/g, ''));
  const packed = text.replace(/\s/g, '');
  if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(packed)) {
    return new Uint8Array(Buffer.from(packed, 'base64'));
  }
  return new Uint8Array(content);
};
