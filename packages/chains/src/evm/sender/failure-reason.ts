import type { Address, Hex } from '@interchain-attestation/core';
import type { Batcher } from '../../rpc/batcher.ts';
import { callFailureOf } from '../contracts/revert.ts';
import type { EvmReceipt } from '../events/receipt.ts';
import { toQuantity } from '../rpc/quantity.ts';
import type { PreparedCall } from './sign.ts';

/**
 * Why an included transaction failed: found by running it again, first on the state after its block (what came before
 * it in the block counts), then on the state before. Never throws: a reason is a comfort.
 */
export const failureReason = async (
  rpc: Batcher,
  from: Address,
  call: PreparedCall,
  receipt: EvmReceipt,
): Promise<string> => {
  if (receipt.gasUsed >= call.gas) return `out-of-gas: used all of ${call.gas}`;
  const request = JSON.stringify({ from, to: call.to, data: call.data, gas: toQuantity(call.gas) });
  const replay = async (height: bigint): Promise<string | undefined> => {
    const block: Hex = toQuantity(height);
    try {
      await rpc.call('eth_call', `[${request},"${block}"]`);
      return undefined;
    } catch (error) {
      return callFailureOf(error)?.message;
    }
  };
  return (await replay(receipt.height)) ?? (await replay(receipt.height - 1n)) ?? 'reverted, and no longer does';
};
