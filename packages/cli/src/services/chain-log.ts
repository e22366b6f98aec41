import type { ChainEvent } from '@interchain-attestation/chains/evm';
import type { Logger } from '@interchain-attestation/service';

/**
 * What an adapter says that its role does not say itself. Every role has a line of its own for an outage, with what
 * follows from it: the adapter's would be the second one about the same thing.
 * @param tellsRecovery whether the role has a line for the end of an outage, too
 */
export const logChainEvents =
  (logger: Logger, chain: string, { tellsRecovery }: { readonly tellsRecovery: boolean }) =>
  (event: ChainEvent): void => {
    switch (event.type) {
      case 'rpc-outage':
        logger.debug({ chain, code: event.error.code, err: event.error }, 'the chain does not answer');
        return;
      case 'rpc-recovered':
        logger[tellsRecovery ? 'debug' : 'info']({ chain, durationMs: event.outageMs }, 'the chain answers again');
        return;
      case 'wrong-chain':
        logger.error({ chain, err: event.error }, 'another chain answers');
        return;
      case 'rpc-dissent':
        logger.warn(
          { chain, origin: event.origin, about: event.about, detail: event.detail },
          'an RPC endpoint differs from what the others agree on',
        );
        return;
      case 'tx-rebroadcast':
        logger.info({ chain, txId: event.txId, nonce: event.nonce }, 'transaction sent again');
        return;
      case 'rpc-batch':
      case 'rpc-retry':
      case 'heads-source':
      case 'tx-broadcast':
      case 'tx-included':
        logger.debug({ chain, event: event.type }, 'chain');
        return;
    }
  };
