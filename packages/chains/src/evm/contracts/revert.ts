import type { Hex } from '@interchain-attestation/core';
import { decodeErrorResult } from 'viem';
import { RpcResponseError, safeNodeText } from '../../rpc/response-error.ts';
import { errorAbi } from './error-abi.ts';

/** Why a call was reverted. */
export interface Revert {
  /** Name of the custom error; `Error` and `Panic` are Solidity's own; `reverted` when nothing is known. */
  readonly name: string;
  /** Name and arguments, for people. */
  readonly message: string;
}

const MAX_ARGUMENT = 120;

const argumentText = (value: unknown): string => {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
  return text.length <= MAX_ARGUMENT ? text : `${text.slice(0, MAX_ARGUMENT)}…`;
};

/** Decodes revert data; unknown selectors are named as they are. Never throws. */
export const decodeRevert = (data: Hex | undefined): Revert => {
  if (data === undefined || data === '0x') return { name: 'reverted', message: 'reverted without a reason' };
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errorAbi, data }) as {
      errorName: string;
      args?: readonly unknown[];
    };
    return { name: errorName, message: `${errorName}(${args.map(argumentText).join(', ')})` };
  } catch {
    const selector = data.slice(0, 10);
    return { name: `unknown error ${selector}`, message: `unknown error ${selector}, ${data.length / 2 - 1} bytes` };
  }
};

const HEX_DATA = /0x(?:[0-9a-fA-F]{2})*/;

/** Revert data of a JSON-RPC error, in the shapes that nodes give it. */
const revertDataOf = ({ data }: RpcResponseError): Hex | undefined => {
  const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
  const found = typeof inner === 'string' ? HEX_DATA.exec(inner)?.[0] : undefined;
  return found === undefined || found === '0x' ? undefined : (found as Hex);
};

const OUT_OF_GAS = /out of gas|gas required exceeds|intrinsic gas too low|OutOfGas|exceeds block gas limit|gas limit/i;

/** What a failed eth_call or eth_estimateGas says about the call itself; undefined when it says nothing. */
export const callFailureOf = (error: unknown): Revert | undefined => {
  if (!(error instanceof RpcResponseError)) return undefined;
  const data = revertDataOf(error);
  if (data !== undefined) return decodeRevert(data);
  if (OUT_OF_GAS.test(error.message)) return { name: 'out-of-gas', message: safeNodeText(error.message) };
  if (error.rpcCode === 3 || /revert/i.test(error.message)) return decodeRevert(undefined);
  if (/invalid opcode|stack (over|under)flow|execution (error|failed)|EVM error/i.test(error.message)) {
    return { name: 'reverted', message: safeNodeText(error.message) };
  }
  return undefined;
};
