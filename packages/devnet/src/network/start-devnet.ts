import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '@interchain-attestation/core';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { createDevChain, type DevChain } from '../chain/dev-chain.ts';
import { DevnetError } from '../errors.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { findFreePorts } from '../process/ports.ts';
import { startReaper } from '../process/reaper.ts';
import { formatConfigFile } from './config-file.ts';
import { createNetworkDeployer, type DeployedAddresses, deployContracts, deployLightClient } from './contracts.ts';
import { type DevKey, deriveKey, writeKeyFiles } from './keys.ts';
import {
  type AttestorLayout,
  CHAIN_NAMES,
  type ChainName,
  createLayout,
  type DevnetFinality,
  type Layout,
  type LayoutOptions,
  portsNeeded,
} from './layout.ts';
import { startService } from './service-process.ts';

export interface DevnetOptions {
  /** Seconds between blocks. Default 1. */
  readonly blockTimeSec?: number;
  /** Default 5. */
  readonly attestorsPerChain?: number;
  /** Signatures a client needs. Default: a majority. */
  readonly quorum?: number;
  /** Default one block behind the head. */
  readonly finality?: DevnetFinality;
  /** `each` (default): a process an attestor; `chain`: one process for the attestors of a chain, quicker to start. */
  readonly attestorProcesses?: 'each' | 'chain';
  /** Whether the proof API and the relayer run. Default both. */
  readonly services?: { readonly proofApi?: boolean; readonly relayer?: boolean };
  /** Where keys, guards, manifests and logs go. A temporary directory, removed at the end, when absent. */
  readonly directory?: string;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Ends the start. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DevnetProgress) => void;
  /** A process ended although nobody asked for it. */
  readonly onUnexpectedExit?: (process: ManagedProcess, how: string) => void;
}

/** What happens while a network starts. */
export type DevnetProgress =
  | { readonly type: 'chain'; readonly name: ChainName; readonly chainId: number; readonly rpcUrl: string }
  | {
      readonly type: 'contract';
      readonly chain: ChainName;
      readonly title: string;
      readonly address?: Address | undefined;
    }
  | {
      readonly type: 'attestor';
      readonly name: string;
      readonly chain: ChainName;
      readonly address: string;
      readonly pid: number | undefined;
    }
  | {
      readonly type: 'service';
      readonly name: 'proof-api' | 'relayer';
      readonly address: string;
      readonly pid: number | undefined;
    };

export interface DevnetAttestor extends AttestorLayout {
  /** Shared by the attestors of a chain with `attestorProcesses: 'chain'`. */
  readonly process: ManagedProcess;
}

export interface DevnetChain extends DevChain, DeployedAddresses {
  /** The contract behind `clientId`. */
  readonly lightClient: Address;
  /** A token native to this chain; anybody may mint. */
  readonly token: Address;
}

/** A running network. */
export interface Devnet {
  readonly directory: string;
  /** The configuration file in effect: `attest --config FILE ...` works on the network. */
  readonly configFile: string;
  readonly layout: Layout;
  readonly chains: Readonly<Record<ChainName, DevnetChain>>;
  /** Hold ether on both chains and 1,000,000 of each chain's token on it. */
  readonly users: { readonly alice: DevKey; readonly bob: DevKey };
  readonly attestors: readonly DevnetAttestor[];
  readonly proofApi: { readonly address: string; readonly process: ManagedProcess } | undefined;
  readonly relayer: { readonly address: string; readonly process: ManagedProcess } | undefined;
  /** Everything that was started, chains included. */
  readonly processes: readonly ManagedProcess[];
  /** Another client on `chain` that tracks the other one, with the same attestors and quorum. */
  addClient(chain: ChainName, clientId: string): Promise<Address>;
  /** Ends all processes and removes what was written. Never throws; may be called twice. */
  close(): Promise<void>;
}

const TOKEN_SUPPLY = 10n ** 24n;
/** Deployment mines a block a transaction, each at least a second later than the one before: begin in the past. */
const START_AGO_SEC = 600;

const mint = (chain: DevChain, token: Address, from: DevKey, to: Address): Promise<unknown> =>
  chain.write(from, {
    address: token,
    abi: [
      {
        type: 'function',
        name: 'mint',
        stateMutability: 'nonpayable',
        inputs: [{ type: 'address' }, { type: 'uint256' }],
        outputs: [],
      },
    ],
    functionName: 'mint',
    args: [to, TOKEN_SUPPLY],
  });

/** From here on a block comes every so many seconds, at the time that the clock shows. */
const startBlockProduction = async (chain: DevChain, blockTimeSec: number): Promise<void> => {
  await chain.rpc('anvil_setTime', [Math.floor(Date.now() / 1000)]);
  await chain.rpc('evm_setIntervalMining', [blockTimeSec]);
};

/**
 * Starts two chains, deploys everything to both, and starts attestors, proof API and relayer as the processes that an
 * operator would run. Whatever happens to the caller, SIGKILL included, its processes and files go with it.
 * @throws DevnetError `devnet/not-ready`, `devnet/binary-missing`, `devnet/closed`; DeployError
 */
export const startDevnet = async (options: DevnetOptions = {}): Promise<Devnet> => {
  const attestorsPerChain = options.attestorsPerChain ?? 5;
  const layoutOptions: LayoutOptions = {
    attestorsPerChain,
    quorum: options.quorum ?? Math.floor(attestorsPerChain / 2) + 1,
    finality: options.finality ?? { offset: 1 },
    logLevel: options.logLevel ?? 'info',
  };
  const { onProgress = () => {}, signal } = options;
  const reaper = startReaper();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'attest-devnet-')));
  if (options.directory === undefined) reaper.removeLater(directory);
  const closers: (() => Promise<void>)[] = [];
  const processes: ManagedProcess[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      // Services first, all at once; then the chains, which nobody reads any more.
      const [chains, services] = [closers.slice(0, 2), closers.slice(2)];
      await Promise.allSettled(services.map((end) => end()));
      await Promise.allSettled(chains.map((end) => end()));
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
      await reaper.close();
    })();
    return closing;
  };
  const onUnexpectedExit = (process: ManagedProcess, how: string): void => {
    if (closing === undefined) options.onUnexpectedExit?.(process, how);
  };
  const adopt = (process: ManagedProcess): ManagedProcess => {
    processes.push(process);
    // What a temporary network kept is removed with it: nothing is worth an orderly end, which takes seconds.
    closers.push(() => (options.directory === undefined ? process.kill() : process.close()));
    return process;
  };
  const goOn = (): void => {
    if (signal?.aborted === true) throw new DevnetError('devnet/closed', 'the start was interrupted');
  };

  try {
    await mkdir(join(directory, 'data', 'deployments'), { recursive: true });
    const deployments = join(directory, 'data', 'deployments');
    const configFile = join(directory, 'attest.yaml');
    const layout = createLayout(layoutOptions, await findFreePorts(portsNeeded(layoutOptions)));
    const users = { alice: deriveKey('alice'), bob: deriveKey('bob') };

    const startTimestampSec = Math.floor(Date.now() / 1000) - START_AGO_SEC;
    const startChain = async (name: ChainName): Promise<{ anvil: Anvil; dev: DevChain }> => {
      const { chainId, clientId } = layout.chains[name];
      const anvil = await startAnvil({
        name: `chain ${name}`,
        chainId,
        blockTimeSec: 'auto',
        startTimestampSec,
        reaper,
        onUnexpectedExit,
      });
      processes.push(anvil.process);
      closers.push(() => anvil.close());
      onProgress({ type: 'chain', name, chainId, rpcUrl: anvil.rpcUrl });
      return { anvil, dev: createDevChain(name, clientId, anvil) };
    };
    const alpha = await startChain('alpha');
    const beta = await startChain('beta');
    const started = { alpha, beta };
    await writeFile(configFile, formatConfigFile(layout, { alpha: alpha.anvil.rpcUrl, beta: beta.anvil.rpcUrl }));
    await writeKeyFiles(join(directory, 'keys'), [
      layout.deployer,
      layout.relayer,
      ...layout.attestors.map(({ key }) => key),
    ]);
    goOn();

    const deployerOf = (name: ChainName): ReturnType<typeof createNetworkDeployer> =>
      createNetworkDeployer(layout, name, started[name].anvil, deployments, (event) => {
        if (event.type !== 'end') return;
        const { title, address } = event.report;
        onProgress({ type: 'contract', chain: name, title, address });
      });
    const deployers = { alpha: deployerOf('alpha'), beta: deployerOf('beta') };
    const setUp = async (name: ChainName): Promise<DeployedAddresses & { token: Address }> => {
      const { dev } = started[name];
      for (const { address } of [layout.deployer, layout.relayer, users.alice, users.bob]) await dev.fund(address);
      const addresses = await deployContracts(deployers[name], deployments, name);
      const symbol = name === 'alpha' ? 'ALFA' : 'BETA';
      const token = await dev.deployToken(layout.deployer, `${symbol} test token`, symbol);
      for (const { address } of [users.alice, users.bob]) await mint(dev, token, layout.deployer, address);
      return { ...addresses, token };
    };
    const [alphaContracts, betaContracts] = await Promise.all(CHAIN_NAMES.map(setUp));
    const contracts = {
      alpha: alphaContracts as DeployedAddresses & { token: Address },
      beta: betaContracts as DeployedAddresses & { token: Address },
    };
    goOn();

    const service = async (name: string, args: readonly string[]): Promise<ManagedProcess> =>
      adopt(await startService({ name, configFile, args, reaper, onUnexpectedExit }));
    const attestorArgs = (names: readonly string[]): readonly string[] => [
      ...['--only', 'attestor', '--create-guards', '--attestor', ...names],
    ];
    const startAttestors = async (members: readonly AttestorLayout[]): Promise<readonly DevnetAttestor[]> => {
      const names = members.map(({ name }) => name);
      const process = await service(
        names.length === 1 ? `attestor ${names[0]}` : `attestors of ${members[0]?.chain}`,
        attestorArgs(names),
      );
      for (const { name, chain, address } of members) {
        onProgress({ type: 'attestor', name, chain, address, pid: process.pid });
      }
      return members.map((member) => ({ ...member, process }));
    };
    const groups =
      options.attestorProcesses === 'chain'
        ? CHAIN_NAMES.map((name) => layout.attestors.filter(({ chain }) => chain === name))
        : layout.attestors.map((member) => [member]);
    const attestors = (await settleAll(groups.map(startAttestors))).flat();
    goOn();

    const clients = await settleAll(
      CHAIN_NAMES.map((name) => deployLightClient(deployers[name], layout, name, deployments)),
    );
    await Promise.all(CHAIN_NAMES.map((name) => startBlockProduction(started[name].dev, options.blockTimeSec ?? 1)));
    goOn();

    const startRole = async (
      name: 'proof-api' | 'relayer',
      address: string,
      wanted: boolean,
    ): Promise<{ address: string; process: ManagedProcess } | undefined> => {
      if (!wanted) return undefined;
      const process = await service(name, ['--only', name]);
      onProgress({ type: 'service', name, address, pid: process.pid });
      return { address, process };
    };
    const [proofApi, relayer] = await settleAll([
      startRole('proof-api', layout.proofApi.address, options.services?.proofApi !== false),
      startRole('relayer', layout.relayerApi.address, options.services?.relayer !== false),
    ]);
    goOn();
    const chainOf = (name: ChainName, lightClient: Address | undefined): DevnetChain => ({
      ...started[name].dev,
      ...contracts[name],
      lightClient: lightClient as Address,
    });
    return {
      directory,
      configFile,
      layout,
      chains: { alpha: chainOf('alpha', clients[0]), beta: chainOf('beta', clients[1]) },
      users,
      attestors,
      proofApi,
      relayer,
      processes,
      addClient: (name, clientId) => deployLightClient(deployers[name], layout, name, deployments, clientId),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Waits for all, so that nothing goes on starting behind the back of a caller that cleans up; throws the first failure. */
const settleAll = async <T>(work: readonly Promise<T>[]): Promise<readonly T[]> => {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
};
