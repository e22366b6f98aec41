import { type Logger, serializeError } from '@interchain-attestation/service';
import type { PacketRecord } from './domain/packet-record.ts';
import type { PacketState } from './domain/packet-state.ts';
import type { Emit, RelayerEvent } from './events.ts';

/** The transaction that brought a packet into a state. */
const txOf = (record: PacketRecord, state: PacketState): string | undefined => {
  switch (state) {
    case 'sent':
    case 'final':
      return record.send?.txId;
    case 'received':
    case 'receive-final':
    case 'orphan':
      return record.receive?.txId;
    case 'acknowledged':
      return record.acknowledge?.txId;
    case 'timed-out':
      return record.timeout?.txId;
    case 'submitted':
    case 'ack-submitted':
    case 'timeout-submitted':
      return record.progress?.txId;
    case 'dropped':
    case 'proven':
    case 'ack-proven':
    case 'timeout-proven':
    case 'expired':
    case 'failed':
      return undefined;
  }
};

const logPacket = (logger: Logger, { record, from, to }: RelayerEvent & { type: 'packet' }): void => {
  const fields = {
    routeId: record.routeId,
    chainId: record.sourceChainId,
    clientId: record.sourceClientId,
    sequence: record.sequence,
    state: to,
    ...(from === undefined ? {} : { from }),
    ...(txOf(record, to) === undefined ? {} : { txId: txOf(record, to) }),
  };
  if (to === 'failed')
    logger.error({ ...fields, reason: record.failure, attempts: record.attempts }, 'packet given up');
  else if (to === 'dropped') logger.warn(fields, 'packet taken back by a reorganisation');
  else logger.info(fields, 'packet');
};

/** Writes what the relayer tells of itself: one line a packet and stage, one an outage and one its end. */
export const logEvents =
  (logger: Logger): Emit =>
  (event) => {
    switch (event.type) {
      case 'packet':
        return logPacket(logger, event);
      case 'batch-submitted':
        return logger.debug({ ...event, direction: undefined, routeId: event.direction.routeId }, 'batch submitted');
      case 'batch-confirmed': {
        const { leg, chainId, packets, txId, gasUsed, bytes } = event;
        return logger.info({ leg, chainId, packets, txId, gasUsed, bytes }, 'batch confirmed');
      }
      case 'batch-failed': {
        const { leg, chainId, packets, reason, next, attempt } = event;
        // The give-up is told as the packet's own line; repeated attempts say nothing new.
        const level = next === 'give-up' || attempt > 1 ? logger.debug : logger.warn;
        return level({ leg, chainId, packets, reason, next, attempt }, 'batch failed');
      }
      case 'advanced':
        return logger.trace({ chainId: event.chainId, height: event.head.height }, 'chain moved on');
      case 'backfill': {
        const { chainId, from, to, through } = event;
        const percent = to < from ? 100 : Number(((through - from + 1n) * 1000n) / (to - from + 1n)) / 10;
        return logger.info({ chainId, from, to, through, percent }, 'reading past blocks');
      }
      case 'sends-missing': {
        const { chainId, clientId, first, last, after, before } = event;
        return logger.error(
          { chainId, clientId, first, last, after, before },
          'the node has no events of these packets: relay their transactions by hash',
        );
      }
      case 'outage': {
        const err = event.error instanceof Error ? serializeError(event.error) : String(event.error);
        return logger.error({ target: event.target, err }, 'outage');
      }
      case 'recovered':
        return logger.info({ target: event.target, durationMs: event.downMs }, 'outage over');
      case 'route-halted': {
        const { routeId, code, reason } = event;
        return logger.fatal({ routeId, code, reason }, 'ROUTE HALTED: nothing is relayed on it until it is resumed');
      }
      case 'route-resumed':
        return logger.warn({ routeId: event.routeId }, 'route resumed by an operator');
      case 'chain-stalled': {
        const { chainId, sinceMs, waiting } = event;
        return logger.warn(
          { chainId, durationMs: sinceMs, waiting },
          'chain makes no blocks while packets wait for it',
        );
      }
      case 'balance':
        if (event.low && event.changed)
          logger.warn({ chainId: event.chainId, balance: event.balance }, 'balance of the signer is low');
        return;
    }
  };
