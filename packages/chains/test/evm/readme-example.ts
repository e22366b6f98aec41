import { createMemorySigner, type TransactionReceipt, type UnsignedTransaction } from '@interchain-attestation/chains';
import { createEvmChain, type EvmChainConfig } from '@interchain-attestation/chains/evm';

/** Submits a transaction and reads what a final block holds for the packet that it sent. */
export const sendAndRead = async (
  config: EvmChainConfig,
  privateKey: string,
  transaction: UnsignedTransaction,
): Promise<{ receipt: TransactionReceipt; commitment: Uint8Array | undefined }> => {
  const chain = createEvmChain(config, {
    onEvent: (event) => event.type === 'rpc-outage' && console.warn(event.error),
  });
  try {
    const sender = chain.createSender(createMemorySigner(privateKey));
    const receipt = await sender.submit(transaction);
    const [event] = receipt.events;
    if (event?.type !== 'send') throw new Error('no packet was sent');
    const { sourceClient, sequence } = event.packet;
    const block = await chain.reader.finalizedBlock({ covering: receipt.height });
    const [commitment] = await chain.reader.commitments(block, [{ kind: 'packet', clientId: sourceClient, sequence }]);
    return { receipt, commitment };
  } finally {
    await chain.close();
  }
};
