import type { Hex } from '@interchain-attestation/core';

/*
 * Reads many commitments in one eth_call: init code whose "deployed code" is the answer. Every node takes it, no
 * contract has to be deployed, and measured on anvil it costs what a state override costs.
 *
 * Answer: block timestamp (32 bytes) || EXTCODEHASH of the router (32) || one commitment each (32).
 * The timestamp stands first since code that begins with 0xEF is refused (EIP-3541). An answer without commitments
 * means: the router did not answer `getCommitment` with exactly 32 bytes for each of them.
 */

/** getCommitment(bytes32) */
const SELECTOR = '7795820c';

/** What one eth_call reads at most: its answer counts as contract code, 24,576 bytes at most (EIP-170). */
export const MAX_READS_PER_CALL = 700;

const LOOP = 0x1d;
const DONE = 0x4d;
const FAIL = 0x54;
const END = 0x5a;

const byte = (value: number): string => value.toString(16).padStart(2, '0');

// Stack effects are noted as [bottom .. top]. Memory: 0x00 selector, 0x20 hash, 0x40 answer.
const CODE = [
  `63${SELECTOR}600052`, // mem[0x1c..0x20] = selector
  `6020 60${byte(END)} 6020 39`, // codecopy(0x20, END, 0x20): the router
  '6020 51', // [router]
  '80 3f 6060 52', // mem[0x60] = extcodehash(router)
  '42 6040 52', // mem[0x40] = timestamp
  '6020', // [router i]
  '5b', // LOOP
  `38 81 60${byte(END)} 01 10`, // i + END < codesize
  `15 60${byte(DONE)} 57`,
  `6020 81 60${byte(END)} 01 6020 39`, // codecopy(0x20, i + END, 0x20): the hash
  '6020 81 6060 01 6024 601c 85 5a fa', // staticcall(gas, router, 0x1c, 0x24, i + 0x60, 0x20)
  `3d 6020 14 16 15 60${byte(FAIL)} 57`, // failed, or answered with another length
  `6020 01 60${byte(LOOP)} 56`, // i += 0x20
  '5b 6020 01 6040 f3', // DONE: return(0x40, i + 0x20)
  '5b 6040 6040 f3', // FAIL: return(0x40, 0x40)
]
  .join('')
  .replaceAll(' ', '');

/** Fails at load time when an edit of the code forgot its jump targets. */
const jumpsTo = (at: number): boolean => CODE.slice(2 * at, 2 * at + 2) === '5b';
if (!jumpsTo(LOOP) || !jumpsTo(DONE) || !jumpsTo(FAIL) || CODE.length !== 2 * END) {
  throw new Error(`multi-read code is misassembled: ${CODE.length / 2} bytes`);
}

const WORD = 64;
const ZERO_WORD = '0'.repeat(WORD);

/** Data of the eth_call. @param hashedPaths 64 lower-case hex digits each, without 0x */
export const encodeMultiRead = (router: string, hashedPaths: readonly string[]): Hex =>
  `0x${CODE}${router.slice(2).toLowerCase().padStart(WORD, '0')}${hashedPaths.join('')}`;

/** An answer taken apart. */
export interface MultiRead {
  readonly timestampSec: bigint;
  readonly codeHash: Hex;
  /** One a path, undefined for zero; absent altogether when the router did not answer. */
  readonly commitments?: readonly (Uint8Array | undefined)[];
}

/** @returns undefined when the answer has no sensible length */
export const decodeMultiRead = (answer: unknown, count: number): MultiRead | undefined => {
  if (typeof answer !== 'string' || !/^0x[0-9a-fA-F]*$/.test(answer)) return undefined;
  const hex = answer.slice(2);
  if (hex.length !== 2 * WORD && hex.length !== (2 + count) * WORD) return undefined;
  const head = {
    timestampSec: BigInt(`0x${hex.slice(0, WORD)}`),
    codeHash: `0x${hex.slice(WORD, 2 * WORD)}` as Hex,
  };
  if (hex.length === 2 * WORD) return head;
  const commitments: (Uint8Array | undefined)[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const word = hex.slice((2 + i) * WORD, (3 + i) * WORD);
    commitments[i] = word === ZERO_WORD ? undefined : Uint8Array.from(Buffer.from(word, 'hex'));
  }
  return { ...head, commitments };
};
