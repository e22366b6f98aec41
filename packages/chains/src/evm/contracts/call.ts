import type { Address, Hex } from '@interchain-attestation/core';
import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem';
import { ChainError } from '../../errors.ts';
import type { Batcher } from '../../rpc/batcher.ts';
import { malformed } from '../rpc/quantity.ts';
import { callFailureOf, type Revert } from './revert.ts';

/** A verdict on a view call: its result, or how the contract refused. */
export type CallOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly revert: Revert };

/**
 * Calls a view function at the newest block. An answer that does not decode counts as a refusal `not-decodable`: what
 * stands at the address is something else.
 * @throws RpcResponseError, ChainError when the node did not execute the call
 */
export const callView = async (
  rpc: Batcher,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
): Promise<CallOutcome> => {
  const data = encodeFunctionData({ abi, functionName, args });
  let result: unknown;
  try {
    result = await rpc.call('eth_call', `[{"to":"${to}","data":"${data}"},"latest"]`);
  } catch (error) {
    const revert = callFailureOf(error);
    if (revert === undefined) throw error;
    return { ok: false, revert };
  }
  if (typeof result !== 'string' || !result.startsWith('0x')) throw malformed(`answer of ${functionName}`);
  try {
    return { ok: true, value: decodeFunctionResult({ abi, functionName, data: result as Hex }) };
  } catch {
    return { ok: false, revert: { name: 'not-decodable', message: `${functionName} answered ${result.slice(0, 66)}` } };
  }
};

/** The value of a call that has to succeed. @throws ChainError with the given code */
export const expectValue = <T>(outcome: CallOutcome, code: ChainError['code'], what: string): T => {
  if (outcome.ok) return outcome.value as T;
  throw new ChainError(code, `${what}: ${outcome.revert.message}`, { meta: { reason: outcome.revert.name } });
};
