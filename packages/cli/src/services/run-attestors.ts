import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  attestorConfigSchema,
  attestorProcessSchema,
  type RunningAttestors,
  startAttestor,
} from '@interchain-attestation/attestor';
import { type ChainReader, systemClock } from '@interchain-attestation/chains';
import { openGuard } from '@interchain-attestation/guard';
import { Counter, createRegistry } from '@interchain-attestation/service';
import type { AttestConfig, AttestorEntry } from '../config/types.ts';
import { attestorSigner } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { logChainEvents } from './chain-log.ts';
import { connectReader } from './chains.ts';
import { guardPath } from './guard-path.ts';
import { boundAddress, type RoleDeps, type RunningRole } from './role.ts';

/** Attestors of the file that this machine can run: those with a signer; or those chosen. @throws CliError `cli/usage` */
export const runnableAttestors = (config: AttestConfig, chosen?: readonly string[]): readonly string[] => {
  for (const name of chosen ?? []) {
    if (config.attestors[name] === undefined) throw new CliError('cli/usage', `no attestor is called ${name}`);
    if (config.attestors[name].signer === undefined) {
      throw new CliError('cli/usage', `attestor ${name} has no signer in this file: somebody else runs it`);
    }
  }
  return chosen ?? Object.keys(config.attestors).filter((name) => config.attestors[name]?.signer !== undefined);
};

/** Runs attestors: those that name one health address share it, and one registry of metrics. */
export const runAttestors = async (
  deps: RoleDeps,
  names: readonly string[],
  options: { readonly createGuards: boolean },
): Promise<RunningRole> => {
  const { config, keyring, logger, onFatal } = deps;
  const chains = new Map<string, ChainReader>();
  const running: RunningAttestors[] = [];
  const addresses: Record<string, string> = {};
  const close = async (): Promise<void> => {
    await Promise.all(running.map((attestors) => attestors.close()));
    await Promise.all([...chains.values()].map((chain) => chain.close()));
  };
  const entryOf = (name: string): AttestorEntry => config.attestors[name] as AttestorEntry;
  const groups = [...Map.groupBy(names, (name) => entryOf(name).health)].map(([health, members]) => ({
    ...{ health, members },
    metrics: createRegistry(),
  }));
  // A chain is read once for all its attestors: each registry shows what its endpoints did.
  const dissents = new Counter({
    name: 'attestor_rpc_dissents_total',
    help: 'Times that an RPC endpoint was found to differ from what the others agree on, one a minute at most.',
    labelNames: ['chain', 'origin'],
    registers: groups.map(({ metrics }) => metrics),
  });
  const connect = (chain: string): Promise<ChainReader> => {
    const log = logChainEvents(logger, chain, { tellsRecovery: true });
    return connectReader(config, chain, {
      onEvent(event) {
        log(event);
        if (event.type === 'rpc-dissent') dissents.inc({ chain, origin: event.origin });
      },
    });
  };
  try {
    for (const chain of new Set(names.map((name) => entryOf(name).chain))) chains.set(chain, await connect(chain));
    for (const { health, members, metrics } of groups) {
      const parts: Record<string, Parameters<typeof startAttestor>[1]['parts'][string]> = {};
      for (const name of members) {
        const chain = chains.get(entryOf(name).chain) as ChainReader;
        parts[name] = { chain, signer: await attestorSigner(keyring, config, name) };
        await mkdir(dirname(guardPath(config, name)), { recursive: true, mode: 0o700 });
      }
      const process = attestorProcessSchema.parse({
        ...(health === undefined ? {} : { health }),
        attestors: members.map((name) => {
          const { listen, url, maxPacketBytes, maxAbsences } = entryOf(name);
          return attestorConfigSchema.parse({
            name,
            listen: listen ?? url,
            guardPath: guardPath(config, name),
            createGuard: options.createGuards,
            maxPacketBytes,
            maxAbsences,
          });
        }),
      });
      const common = { openGuard, clock: systemClock, logger, onFatal };
      const attestors = await startAttestor(process, { ...common, parts, metrics });
      running.push(attestors);
      for (const { name, listen } of process.attestors) addresses[name] = boundAddress(listen, attestors.ports[name]);
      if (health !== undefined) addresses[`${members.join(',')} health`] = boundAddress(health, attestors.healthPort);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { role: 'attestor', addresses, close };
};
