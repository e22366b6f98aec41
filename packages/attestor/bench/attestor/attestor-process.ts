import { createMemorySigner, systemClock } from '@interchain-attestation/chains';
import { createEvmChain } from '@interchain-attestation/chains/evm';
import { type Guard, openGuard } from '@interchain-attestation/guard';
import { createLogger } from '@interchain-attestation/service';
import { attestorProcessSchema, startAttestor } from '../../src/index.ts';

/** What the bench tells its attestor. */
export interface BenchAttestor {
  readonly rpcUrl: string;
  readonly router: string;
  readonly guardPath: string;
  readonly maxCachedAnswers: number;
  /** False: a guard that agrees to everything and writes nothing, to see what the real one costs. */
  readonly guard: boolean;
}

/** What it has used since it was asked last. */
export interface BenchUsage {
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly upstreamRequests: number;
  readonly recordMs: readonly number[];
}

const noGuard = (guard: Guard): Guard => ({
  key: guard.key,
  source: guard.source,
  record: async () => ({ ok: true }),
  reportConflict: (report) => guard.reportConflict(report),
  recordedBlocks: () => [],
  status: () => guard.status(),
  evidence: () => [],
  close: () => guard.close(),
});

const options = JSON.parse(process.argv[2] ?? '{}') as BenchAttestor;
let upstreamRequests = 0;
const recordMs: number[] = [];
const chain = createEvmChain(
  { name: 'bench', chainId: '31337', rpcUrl: options.rpcUrl, router: options.router, finality: { offset: 1 } },
  {
    onEvent: (event) => {
      if (event.type === 'rpc-batch') upstreamRequests++;
    },
  },
);
const timed = (guard: Guard): Guard => ({
  ...noGuard(guard),
  recordedBlocks: (from) => guard.recordedBlocks(from),
  async record(statement) {
    const startedMs = performance.now();
    const verdict = await guard.record(statement);
    recordMs.push(performance.now() - startedMs);
    return verdict;
  },
});
const running = await startAttestor(
  attestorProcessSchema.parse({
    // Two attestors of one chain: code is compiled by load on the first, and each request is new to the second.
    attestors: ['warm', 'bench'].map((name) => ({
      name,
      listen: '127.0.0.1:0',
      guardPath: `${options.guardPath}-${name}`,
      createGuard: true,
      maxCachedAnswers: name === 'warm' ? 0 : options.maxCachedAnswers,
      maxFinalityAgeSec: 0,
    })),
  }),
  {
    parts: {
      warm: { chain: chain.reader, signer: createMemorySigner(new Uint8Array(32).fill(6)) },
      bench: { chain: chain.reader, signer: createMemorySigner(new Uint8Array(32).fill(7)) },
    },
    openGuard: async (guardOptions) => {
      const guard = await openGuard(guardOptions);
      return options.guard ? timed(guard) : noGuard(guard);
    },
    clock: systemClock,
    logger: createLogger({ name: 'attestor' }),
  },
);
let last = process.cpuUsage();
process.on('message', (message) => {
  if (message !== 'usage') return;
  const used = process.cpuUsage(last);
  last = process.cpuUsage();
  const usage: BenchUsage = {
    cpuMs: (used.user + used.system) / 1_000,
    rssMiB: process.memoryUsage.rss() / 1024 / 1024,
    upstreamRequests,
    recordMs: recordMs.splice(0),
  };
  upstreamRequests = 0;
  process.send?.(usage);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: running.ports.bench, warmPort: running.ports.warm });
