import type { ChainEvent } from '@interchain-attestation/chains/evm';
import type { Logger } from '@interchain-attestation/service';

/** One line for an outage and one for its end; attempts and single requests are not worth a line. */
export const logChainEvents =
  (logger: Logger, chain: string) =>
  (event: ChainEvent): void => {
    switch (event.type) {
      case 'rpc-outage':
        logger.warn({ chain, code: event.error.code, err: event.error }, 'the chain does not answer');
        return;
      case 'rpc-recovered':
        logger.info({ chain, durationMs: event.outageMs }, 'the chain answers again');
        return;
      case 'wrong-chain':
        logger.error({ chain, err: event.error }, 'another chain answers');
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
