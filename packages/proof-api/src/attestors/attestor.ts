import { attestor as pb } from '@interchain-attestation/proto';
import type { RpcClient } from '@interchain-attestation/service';
import { Breaker, type BreakerOptions } from '../domain/breaker.ts';
import type { RawAnswer } from '../domain/judge.ts';
import type { Question } from '../domain/statement.ts';
import type { Asked } from './asked-ahead.ts';
import { type Failure, isOutage, toFailure } from './failure.ts';
import { Slots } from './slots.ts';

/** Where an attestor is reached. */
export interface AttestorEndpoint {
  /** Name in the configuration; unique within its source chain. */
  readonly name: string;
  /** `host:port`, or a URL with http or https. */
  readonly address: string;
}

export type AttestationClient = RpcClient<typeof pb.AttestationService>;

export interface AttestorOptions {
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Calls at a time. */
  readonly maxInFlight: number;
  readonly breaker: BreakerOptions;
  /** Its circuit opened, or closed again. */
  readonly onAvailability?: (up: boolean) => void;
  /** Its latest height, each time it told it. */
  readonly onHeight?: (height: bigint) => void;
}

/** What asking brought. */
export type AskResult =
  | { readonly ok: true; readonly answer: RawAnswer }
  | { readonly ok: false; readonly failure: Failure };

const COMMITMENT_TYPE: Readonly<Record<Exclude<Question, 'state'>, pb.CommitmentType>> = {
  packet: pb.CommitmentType.PACKET,
  acknowledgement: pb.CommitmentType.ACK,
  receipt: pb.CommitmentType.RECEIPT,
};

/**
 * One attestor: a connection that lives as long as the proof API, a circuit breaker, a bounded number of calls at a
 * time, and the height it reported last. It may be down at start and come back at any time.
 */
export class Attestor {
  readonly name: string;
  readonly address: string;
  readonly breaker: Breaker;
  /** Height it reported last; undefined before its first answer. */
  latestHeight: bigint | undefined;
  readonly #client: AttestationClient;
  readonly #options: AttestorOptions;
  readonly #slots: Slots;
  #isUp = true;
  #heightCall: Promise<Failure | undefined> | undefined;

  constructor(endpoint: AttestorEndpoint, client: AttestationClient, options: AttestorOptions, now: () => number) {
    this.name = endpoint.name;
    this.address = endpoint.address;
    this.breaker = new Breaker(options.breaker, now);
    this.#client = client;
    this.#options = options;
    this.#slots = new Slots(options.maxInFlight);
  }

  /**
   * Asks for one attestation.
   * @param waiting ends the wait for a free slot
   * @param calling cancels the call itself
   */
  async ask(asked: Asked, waiting: AbortSignal, calling: AbortSignal): Promise<AskResult> {
    if (!(await this.#slots.take(waiting))) {
      this.breaker.abandon();
      return { ok: false, failure: { kind: 'cancelled', detail: 'no longer needed' } };
    }
    try {
      const { attestation } = await this.#request(asked, calling);
      this.#succeed();
      if (attestation === undefined) return { ok: false, failure: { kind: 'malformed', detail: 'no attestation' } };
      const { height, attestedData, signature } = attestation;
      return { ok: true, answer: { height, attestedData, signature } };
    } catch (error) {
      const failure = toFailure(error, asked.question, calling);
      this.#count(failure);
      return { ok: false, failure };
    } finally {
      this.#slots.give();
    }
  }

  /**
   * Asks what height it would attest, and remembers the answer. At most one such call is under way and all share it: a
   * hung attestor holds one of them and no more.
   * @returns undefined when the call succeeded
   */
  refreshHeight(signal: AbortSignal): Promise<Failure | undefined> {
    this.#heightCall ??= this.#askHeight(signal).finally(() => {
      this.#heightCall = undefined;
    });
    return this.#heightCall;
  }

  async #askHeight(signal: AbortSignal): Promise<Failure | undefined> {
    try {
      const { height } = await this.#client.latestHeight({}, { signal, timeoutMs: this.#options.timeoutMs });
      this.latestHeight = height;
      this.#options.onHeight?.(height);
      this.#succeed();
      return undefined;
    } catch (error) {
      const failure = toFailure(error, 'height', signal);
      this.#count(failure);
      return failure;
    }
  }

  close(): void {
    this.#client.close();
  }

  #count({ kind }: Failure): void {
    if (kind === 'cancelled') this.breaker.abandon();
    else if (isOutage(kind)) this.#fail();
    else this.#succeed();
  }

  #succeed(): void {
    this.breaker.success();
    if (this.#isUp) return;
    this.#isUp = true;
    this.#options.onAvailability?.(true);
  }

  #fail(): void {
    this.breaker.failure();
    if (!this.#isUp || this.breaker.state !== 'open') return;
    this.#isUp = false;
    this.#options.onAvailability?.(false);
  }

  #request(
    { question, height, packets }: Asked,
    signal: AbortSignal,
  ): Promise<{ attestation?: pb.Attestation | undefined }> {
    const options = { signal, timeoutMs: this.#options.timeoutMs };
    if (question === 'state') return this.#client.stateAttestation({ height }, options);
    const commitmentType = COMMITMENT_TYPE[question];
    return this.#client.packetAttestation({ height, packets: [...packets], commitmentType }, options);
  }
}
