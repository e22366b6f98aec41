import { isAttestationError } from '@interchain-attestation/core';
import {
  Counter,
  type FinishedCall,
  Gauge,
  grpcCodeName,
  Histogram,
  type Registry,
} from '@interchain-attestation/service';
import type { AttestorEvent } from './event.ts';

/** Counts what attestors do, under the names that operators of other attestors already graph. */
export interface AttestorMetrics {
  /** Metrics of one attestor of the process. */
  of(name: string): {
    observe(event: AttestorEvent): void;
    call(call: FinishedCall): void;
  };
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A gauge per attestor, asked for when it is scraped: 1 while statements would be signed. */
export const registerReadiness = (registry: Registry, ready: () => Promise<ReadonlyMap<string, boolean>>): void => {
  new Gauge({
    name: 'attestor_ready',
    help: '1 while statements would be signed.',
    labelNames: ['attestor'],
    registers: [registry],
    async collect() {
      for (const [attestor, ok] of await ready()) this.set({ attestor }, ok ? 1 : 0);
    },
  });
};

/** Registers the metrics. Every one carries the attestor's name as label `attestor`. */
export const createAttestorMetrics = (registry: Registry): AttestorMetrics => {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, ...labels: L[]): Counter<'attestor' | L> =>
    new Counter({ name, help, labelNames: ['attestor', ...labels], registers });
  const gauge = (name: string, help: string): Gauge<'attestor'> =>
    new Gauge({ name, help, labelNames: ['attestor'], registers });

  const requests = counter('attestor_rpc_requests_total', 'gRPC requests.', 'method', 'code');
  const durations = new Histogram({
    name: 'attestor_rpc_request_duration_seconds',
    help: 'Time from a gRPC request to its answer.',
    labelNames: ['attestor', 'method'],
    buckets: SECONDS,
    registers,
  });
  const lag = gauge('attestor_attestation_height_lag_blocks', 'Final height minus the height attested last.');
  const heightRejections = counter(
    'attestor_height_validation_rejections_total',
    'Heights asked for that are not final.',
  );
  const commitmentFailures = counter(
    'attestor_commitment_validation_failures_total',
    'Packets that the chain does not hold as the caller says.',
    'kind',
  );
  const readFailures = counter(
    'attestor_adapter_retry_failures_total',
    'Reads of the chain that failed after all attempts.',
    'op',
  );
  const finalHeight = gauge('attestor_adapter_finalized_height', 'Highest final height of the chain.');
  const finalTime = gauge('attestor_adapter_finalized_timestamp_seconds', 'Time of the highest final block.');
  const signs = counter('attestor_signer_signs_total', 'Signatures asked of the signer.', 'result');
  const conflicts = counter('attestor_guard_conflicts_total', 'Statements that contradict earlier ones.', 'rule');
  const guardFailures = counter('attestor_guard_failures_total', 'Statements that the guard could not record.');
  const records = new Histogram({
    name: 'attestor_guard_record_duration_seconds',
    help: 'Time until a statement is durable.',
    labelNames: ['attestor'],
    buckets: SECONDS,
    registers,
  });
  const memory = counter('attestor_answers_from_memory_total', 'Repeated requests answered without reading the chain.');
  const reorgs = counter('attestor_final_reorgs_total', 'Final blocks replaced, none of them attested.');

  return {
    of(attestor) {
      let final = 0n;
      const signed = { true: signs.labels(attestor, 'ok'), false: signs.labels(attestor, 'error') };
      const recorded = records.labels(attestor);
      const lagHere = lag.labels(attestor);
      const fromMemory = memory.labels(attestor);
      // Made at once, so that a rate over them is known from the start.
      heightRejections.labels(attestor).inc(0);
      guardFailures.labels(attestor).inc(0);
      const byMethod = new Map<string, ReturnType<typeof durations.labels>>();
      const byMethodAndCode = new Map<string, ReturnType<typeof requests.labels>>();
      return {
        observe(event) {
          switch (event.type) {
            case 'final':
              final = event.height;
              finalHeight.set({ attestor }, Number(event.height));
              finalTime.set({ attestor }, Number(event.timestampSec));
              return;
            case 'read-failed':
              readFailures.inc({ attestor, op: event.operation });
              return;
            case 'height-rejected':
              heightRejections.inc({ attestor });
              return;
            case 'commitment-rejected':
              commitmentFailures.inc({ attestor, kind: event.kind });
              return;
            case 'recorded':
              recorded.observe(event.durationMs / 1_000);
              return;
            case 'signed':
              signed[`${event.ok}`].inc();
              return;
            case 'attested':
              lagHere.set(Math.max(0, Number(final - event.height)));
              return;
            case 'answered-from-memory':
              fromMemory.inc();
              return;
            case 'conflict':
              conflicts.inc({ attestor, rule: event.rule });
              return;
            case 'guard-failed':
              guardFailures.inc({ attestor });
              return;
            case 'started':
              return;
            case 'final-reorg':
              reorgs.inc({ attestor });
              return;
            default:
              event satisfies never;
          }
        },
        call({ path, grpcCode, durationMs }) {
          const method = path.slice(path.lastIndexOf('/') + 1);
          const key = `${method}/${grpcCode}`;
          let count = byMethodAndCode.get(key);
          if (count === undefined) {
            count = requests.labels(attestor, method, grpcCodeName(grpcCode));
            byMethodAndCode.set(key, count);
          }
          count.inc();
          let duration = byMethod.get(method);
          if (duration === undefined) {
            duration = durations.labels(attestor, method);
            byMethod.set(method, duration);
          }
          duration.observe(durationMs / 1_000);
        },
      };
    },
  };
};

/** Code of an error for a label or a log line. */
export const errorCode = (error: unknown): string => (isAttestationError(error) ? error.code : 'unknown');
