import type { PacketRecord } from './packet-record.ts';

/** Everything that can be brought to a chain for one packet. */
export type Leg = 'receive' | 'acknowledge' | 'timeout';

export const LEGS: readonly Leg[] = ['receive', 'acknowledge', 'timeout'];

/** Where a packet is, by the facts that the chains hold about it. */
export type BaseState =
  /** Its send was taken back by a reorganisation, and nothing else is known. Comes back when it is sent again. */
  | 'dropped'
  /** Received on the destination while its send is not known (yet). */
  | 'orphan'
  | 'sent'
  /** The send is final: it can be received. */
  | 'final'
  /** The timeout passed on the destination in a final block, without a receipt: it can be timed out. */
  | 'expired'
  /** Received. Its acknowledgement is not final yet, or the application has yet to write it. */
  | 'received'
  /** The acknowledgement is final: it can be brought back. */
  | 'receive-final'
  | 'acknowledged'
  | 'timed-out';

/** A packet's state: where it is by the chains' facts, refined by what this relayer is doing about it. */
export type PacketState =
  | BaseState
  | 'proven'
  | 'submitted'
  | 'ack-proven'
  | 'ack-submitted'
  | 'timeout-proven'
  | 'timeout-submitted'
  | 'failed';

export const PACKET_STATES: readonly PacketState[] = [
  'dropped',
  'orphan',
  'sent',
  'final',
  'proven',
  'submitted',
  'received',
  'receive-final',
  'ack-proven',
  'ack-submitted',
  'acknowledged',
  'expired',
  'timeout-proven',
  'timeout-submitted',
  'timed-out',
  'failed',
];

/** States after which nothing remains to be done, unless a reorganisation takes the last fact back. */
export const TERMINAL_STATES: readonly PacketState[] = ['acknowledged', 'timed-out', 'dropped'];

/** The base state from which each leg starts. */
export const LEG_START: Readonly<Record<Leg, BaseState>> = {
  receive: 'final',
  acknowledge: 'receive-final',
  timeout: 'expired',
};

const STEP_STATE: Readonly<Record<Leg, Readonly<Record<'proven' | 'submitted', PacketState>>>> = {
  receive: { proven: 'proven', submitted: 'submitted' },
  acknowledge: { proven: 'ack-proven', submitted: 'ack-submitted' },
  timeout: { proven: 'timeout-proven', submitted: 'timeout-submitted' },
};

type Facts = Pick<PacketRecord, 'send' | 'receive' | 'acceptedHeight' | 'acknowledge' | 'timeout' | 'expired'>;

/** Where the chains' facts put a packet. Pure: the order in which the facts came makes no difference. */
export const baseState = ({ send, receive, acceptedHeight, acknowledge, timeout, expired }: Facts): BaseState => {
  if (timeout !== undefined) return 'timed-out';
  if (acknowledge !== undefined) return 'acknowledged';
  if (receive !== undefined) {
    if (send === undefined) return 'orphan';
    return receive.final && send.final ? 'receive-final' : 'received';
  }
  if (send === undefined) return 'dropped';
  if (acceptedHeight !== undefined) return 'received';
  if (!send.final) return 'sent';
  return expired ? 'expired' : 'final';
};

/** The leg that can be worked on in this base state. */
export const legOf = (base: BaseState): Leg | undefined => LEGS.find((leg) => LEG_START[leg] === base);

/** State of a packet. */
export const packetState = (record: PacketRecord): PacketState => {
  const base = baseState(record);
  const leg = legOf(base);
  if (leg === undefined) return base;
  if (record.failure !== undefined) return 'failed';
  return record.progress === undefined ? base : STEP_STATE[leg][record.progress.step];
};
