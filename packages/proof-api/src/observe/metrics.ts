import { Counter, Gauge, Histogram, type Registry } from '@interchain-attestation/service';
import type { ProofApiEvent } from '../events.ts';

/** Seconds; proofs take milliseconds when all is well, and up to the time-out of a call when not. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface Metrics {
  onEvent(event: ProofApiEvent): void;
  onCall(call: { readonly path: string; readonly code: string; readonly durationMs: number }): void;
}

/** Registers the metrics of the proof API. No label holds anything that a stranger can choose. */
export const createMetrics = (registry: Registry): Metrics => {
  const registers = [registry];
  const answers = new Counter({
    name: 'proof_api_attestor_answers_total',
    help: 'Answers of attestors by outcome',
    labelNames: ['source', 'attestor', 'outcome'],
    registers,
  });
  const latency = new Histogram({
    name: 'proof_api_attestor_duration_seconds',
    help: 'Time until an attestor answered, or failed to',
    labelNames: ['source', 'attestor'],
    buckets: BUCKETS,
    registers,
  });
  const quorums = new Histogram({
    name: 'proof_api_quorum_duration_seconds',
    help: 'Time from asking until a quorum was there, or could no longer be had',
    labelNames: ['source', 'dest', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const leftOut = new Counter({
    name: 'proof_api_packets_left_out_total',
    help: 'Packets of requests that could not be proven',
    labelNames: ['source', 'dest', 'reason'],
    registers,
  });
  const evidence = new Counter({
    name: 'proof_api_contradictions_total',
    help: 'Contradicting signed statements found',
    labelNames: ['source', 'dest', 'verdict'],
    registers,
  });
  const lost = new Counter({
    name: 'proof_api_evidence_lost_total',
    help: 'Evidence that could not be stored',
    labelNames: ['reason'],
    registers,
  });
  const stopped = new Gauge({
    name: 'proof_api_stopped_clients',
    help: 'Clients that are not served because of a contradiction',
    labelNames: ['source', 'dest'],
    registers,
  });
  const outages = new Counter({
    name: 'proof_api_chain_outages_total',
    help: 'Outages of a chain RPC while watching its blocks',
    labelNames: ['chain'],
    registers,
  });
  const requests = new Histogram({
    name: 'proof_api_request_duration_seconds',
    help: 'Requests by method and gRPC status',
    labelNames: ['method', 'code'],
    buckets: BUCKETS,
    registers,
  });

  const up = new Gauge({
    name: 'proof_api_attestor_up',
    help: 'Whether the circuit of an attestor is closed (1) or open (0), once it changed',
    labelNames: ['source', 'attestor'],
    registers,
  });
  const heights = new Gauge({
    name: 'proof_api_attestor_height',
    help: 'Height that an attestor reported last',
    labelNames: ['source', 'attestor'],
    registers,
  });

  const onEvent = (event: ProofApiEvent): void => {
    switch (event.type) {
      case 'answer': {
        const { source, report, durationMs } = event;
        answers.inc({ source, attestor: report.attestor, outcome: report.outcome });
        latency.observe({ source, attestor: report.attestor }, durationMs / 1_000);
        break;
      }
      case 'attestor-up':
      case 'attestor-down':
        up.set({ source: event.source, attestor: event.attestor }, event.type === 'attestor-up' ? 1 : 0);
        break;
      case 'attestor-height':
        heights.set({ source: event.source, attestor: event.attestor }, Number(event.height));
        break;
      case 'collected': {
        const { source, dest, outcome, durationMs } = event;
        quorums.observe({ source, dest, outcome }, durationMs / 1_000);
        break;
      }
      case 'left-out':
        for (const { reason } of event.leftOut) leftOut.inc({ source: event.source, dest: event.dest, reason });
        break;
      case 'evidence': {
        const { source, dest, verdict } = event.evidence;
        evidence.inc({ source, dest, verdict });
        break;
      }
      case 'evidence-lost':
        lost.inc({ reason: event.reason });
        break;
      case 'stopped':
        if (!event.replaces) stopped.inc({ source: event.source, dest: event.dest });
        break;
      case 'resumed':
        stopped.dec({ source: event.source, dest: event.dest });
        break;
      case 'chain-outage':
        outages.inc({ chain: event.chain });
        break;
    }
  };
  return {
    onEvent,
    onCall: ({ path, code, durationMs }) =>
      requests.observe({ method: path.split('/').at(-1) ?? path, code }, durationMs / 1_000),
  };
};
