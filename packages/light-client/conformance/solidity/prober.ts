import { bytesToHex, concatBytes, type Hex, hexToBytes } from '@interchain-attestation/core';

/** Where the prober's code is put. It is the caller that the clients see. */
export const PROBER: Hex = '0x5555555555555555555555555555555555555555';

/**
 * Code that makes a list of calls in one transaction, whatever becomes of each, and returns what each returned. Input, a
 * call: target (32 bytes), length (32), data. Output, a call: success (32), length (32), data. Nothing is padded.
 */
export const PROBER_CODE: Hex = `0x${[
  '5f5f', //                         in = 0, out = 0
  '5b', //                           02: again
  '36821015604357', //               leave when in >= calldatasize
  '8160200135', //                   length = calldataload(in + 32)
  '80836040018360400137', //         calldatacopy(out + 64, in + 64, length)
  '5f5f8284604001', //               output none, input length bytes at out + 64
  '5f87355af1', //                   value 0, target = calldataload(in), all gas: call
  '8252', //                         mstore(out, success)
  '3d8260200152', //                 mstore(out + 32, returndatasize)
  '3d5f836040013e', //               returndatacopy(out + 64, 0, returndatasize)
  '90910160400190', //               in += length + 64
  '3d01604001', //                   out += returndatasize + 64
  '600256', //                       again
  '5b5ff3', //                       43: return(0, out)
].join('')}`;

export interface ProbedCall {
  readonly target: Hex;
  readonly data: Hex;
}

export interface ProbedResult {
  readonly success: boolean;
  readonly data: Hex;
}

const lengthWord = (value: number): Uint8Array => {
  const out = new Uint8Array(32);
  new DataView(out.buffer).setUint32(28, value);
  return out;
};

export const encodeProbe = (calls: readonly ProbedCall[]): Hex =>
  bytesToHex(
    concatBytes(
      ...calls.flatMap(({ target, data }) => {
        const bytes = hexToBytes(data);
        return [new Uint8Array(12), hexToBytes(target), lengthWord(bytes.length), bytes];
      }),
    ),
  );

export const decodeProbe = (output: Hex): ProbedResult[] => {
  const bytes = hexToBytes(output);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const results: ProbedResult[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 60);
    results.push({ success: bytes[at + 31] === 1, data: bytesToHex(bytes.subarray(at + 64, at + 64 + length)) });
    at += 64 + length;
  }
  return results;
};
