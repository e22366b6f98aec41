import { ibcErc20Abi, ics20TransferAbi } from '@interchain-attestation/contracts';
import type { Address, Hex } from '@interchain-attestation/core';
import { encodeFunctionData, maxUint256 } from 'viem';
import type { DevnetChain } from '../network/devnet.ts';
import type { DevKey } from '../network/keys.ts';

export interface TransferOptions {
  readonly chain: DevnetChain;
  readonly sender: DevKey;
  /** The token on `chain`: its own, or a voucher that came over. */
  readonly token: Address;
  readonly amount: bigint;
  /** An address on the other chain, or anything, to see it refused there. */
  readonly receiver: string;
  /** Seconds from the chain's newest block on. Default 600. */
  readonly timeoutSec?: number;
  /** How many packets, each a transaction of its own. Default 1. */
  readonly count?: number;
  readonly memo?: string;
  /** Client to send over. Default the one of the other EVM chain. */
  readonly sourceClient?: string;
}

const GAS_MARGIN_PERCENT = 150n;

/** Lets the transfer app take the token from the sender, once and for all. */
const approve = async ({ chain, sender, token }: TransferOptions): Promise<void> => {
  const allowance = await chain.client.readContract({
    address: token,
    abi: ibcErc20Abi,
    functionName: 'allowance',
    args: [sender.address, chain.transfer],
  });
  if (allowance > maxUint256 / 2n) return;
  await chain.write(sender, {
    address: token,
    abi: ibcErc20Abi,
    functionName: 'approve',
    args: [chain.transfer, maxUint256],
  });
};

/**
 * Sends tokens to the other chain. All transactions are broadcast before the first one is mined.
 * @returns their hashes, in order; they may not be mined yet
 */
export const sendTransfers = async (options: TransferOptions): Promise<readonly Hex[]> => {
  const { chain, sender, token, amount, receiver, timeoutSec = 600, count = 1, memo = '' } = options;
  await approve(options);
  const { timestamp } = await chain.client.getBlock();
  const message = {
    denom: token,
    amount,
    receiver,
    sourceClient: options.sourceClient ?? chain.clientId,
    destPort: 'transfer',
    timeoutTimestamp: timestamp + BigInt(timeoutSec),
    memo,
  };
  const data = encodeFunctionData({ abi: ics20TransferAbi, functionName: 'sendTransfer', args: [message] });
  const call = { account: sender.address, to: chain.transfer, data };
  const [estimate, nonce, fees] = await Promise.all([
    // Not the pending block, where a packet that came over may have made the escrow already: it may come after these.
    chain.client.estimateGas({ ...call, blockTag: 'latest' }),
    chain.client.getTransactionCount({ address: sender.address, blockTag: 'pending' }),
    chain.client.estimateFeesPerGas(),
  ]);
  const wallet = chain.wallet(sender);
  const account = wallet.account ?? sender.address;
  // The first transfer of a client makes its escrow, so that the estimate covers the others.
  const gas = (estimate * GAS_MARGIN_PERCENT) / 100n;
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      wallet.sendTransaction({
        chain: wallet.chain ?? null,
        account,
        to: chain.transfer,
        data,
        gas,
        nonce: nonce + index,
        maxFeePerGas: fees.maxFeePerGas * 2n,
        maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
      }),
    ),
  );
};

/** Balance of a token in its smallest unit. */
export const balanceOf = (chain: DevnetChain, token: Address, account: Address): Promise<bigint> =>
  chain.client.readContract({ address: token, abi: ibcErc20Abi, functionName: 'balanceOf', args: [account] });

/**
 * The voucher on `chain` for a token that came over a client; undefined before the first one arrived.
 * @param foreignToken the token as its own chain names it
 */
export const voucherOf = async (
  chain: DevnetChain,
  foreignToken: string,
  clientId: string = chain.clientId,
): Promise<Address | undefined> => {
  const denom = `transfer/${clientId}/${foreignToken.toLowerCase()}`;
  try {
    return (await chain.client.readContract({
      address: chain.transfer,
      abi: ics20TransferAbi,
      functionName: 'ibcERC20Contract',
      args: [denom],
    })) as Address;
  } catch {
    return undefined;
  }
};
