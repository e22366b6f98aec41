import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '@interchain-attestation/core';
import { findFreePorts } from '@interchain-attestation/go-tools';
import { startAnvil } from '../chain/anvil.ts';
import type { CosmosDevChain } from '../chain/cosmos-dev-chain.ts';
import { createDevChain, type DevChain } from '../chain/dev-chain.ts';
import type { EvmNode } from '../chain/evm-node.ts';
import { startGethNode } from '../chain/geth.ts';
import { DevnetError } from '../errors.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { startReaper } from '../process/reaper.ts';
import { formatConfigFile } from './config-file.ts';
import { createNetworkDeployer, type DeployedAddresses, deployContracts, deployLightClient } from './contracts.ts';
import {
  addCosmosClient,
  type ConnectDeps,
  connectWithCosmos,
  type DeployedEnd,
  startCosmosChain,
  withClientIds,
} from './cosmos-chains.ts';
import type { Devnet, DevnetAttestor, DevnetChain, DevnetOptions } from './devnet.ts';
import { type DevKey, deriveKey, writeKeyFiles } from './keys.ts';
import {
  type AttestorLayout,
  CHAIN_NAMES,
  type ChainName,
  type CosmosName,
  createLayout,
  type LayoutOptions,
  otherChain,
  portsNeeded,
} from './layout.ts';
import { startService } from './service-process.ts';

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
    cosmos: options.cosmos ?? [],
    betaNode: options.betaNode ?? 'anvil',
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
      const count = CHAIN_NAMES.length + layoutOptions.cosmos.length;
      const [chains, services] = [closers.slice(0, count), closers.slice(count)];
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
    const startChain = async (name: ChainName): Promise<{ node: EvmNode; dev: DevChain }> => {
      const { chainId, clientId } = layout.chains[name];
      const common = { name: `chain ${name}`, reaper, onUnexpectedExit };
      const node =
        name === 'beta' && layout.betaNode === 'geth'
          ? await startGethNode(common)
          : await startAnvil({ ...common, chainId, blockTimeSec: 'auto', startTimestampSec });
      processes.push(node.process);
      closers.push(() => node.close());
      onProgress({ type: 'chain', name, chainId, rpcUrl: node.rpcUrl });
      return { node, dev: createDevChain(name, clientId, node) };
    };
    const alpha = await startChain('alpha');
    const beta = await startChain('beta');
    const started = { alpha, beta };
    const cosmos: Partial<Record<CosmosName, CosmosDevChain>> = {};
    for (const name of layout.cosmos) {
      const keys = [layout.deployer, layout.relayer, users.alice, users.bob];
      const dev = await startCosmosChain(name, keys, { reaper, onUnexpectedExit });
      cosmos[name] = dev;
      processes.push(dev.node.process);
      closers.push(async () => {
        await dev.chain.close();
        await dev.node.close();
      });
      onProgress({ type: 'chain', name, chainId: dev.chainId, rpcUrl: dev.rpcUrl });
    }
    const rpcUrls = {
      ...{ alpha: alpha.node.rpcUrl, beta: beta.node.rpcUrl },
      ...Object.fromEntries(Object.values(cosmos).map(({ name, rpcUrl }) => [name, rpcUrl])),
    };
    await writeFile(configFile, formatConfigFile(layout, rpcUrls));
    await writeKeyFiles(join(directory, 'keys'), [
      layout.deployer,
      layout.relayer,
      ...layout.attestors.map(({ key }) => key),
    ]);
    goOn();

    const deployerOf = (name: ChainName): ReturnType<typeof createNetworkDeployer> =>
      createNetworkDeployer(layout, name, started[name].node, deployments, (event) => {
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
        ? [...CHAIN_NAMES, ...layout.cosmos].map((name) => layout.attestors.filter(({ chain }) => chain === name))
        : layout.attestors.map((member) => [member]);
    const attestors = (await settleAll(groups.map(startAttestors))).flat();
    goOn();

    const lightClientOf = (on: ChainName, clientId = layout.chains[on].clientId): Promise<Address> => {
      const of = otherChain(on);
      const counterpartyClientId = layout.chains[of].clientId;
      return deployLightClient(deployers[on], layout, deployments, { on, of, clientId, counterpartyClientId });
    };
    const [alphaClient, betaClient] = await settleAll(CHAIN_NAMES.map((name) => lightClientOf(name)));
    const clients: DeployedEnd[] = CHAIN_NAMES.map((on) => {
      const lightClient = (on === 'alpha' ? alphaClient : betaClient) as Address;
      return { on, of: otherChain(on), clientId: layout.chains[on].clientId, lightClient };
    });
    const connecting: ConnectDeps = {
      ...{ layout, directory: deployments, evm: deployers, cosmos },
      onClient: ({ on, of, clientId }) => onProgress({ type: 'client', chain: on, of, clientId }),
    };
    // One after the other: a chain has one manifest, and one run at a time writes it.
    for (const connection of layout.connections.slice(1)) {
      clients.push(...(await connectWithCosmos(connecting, connection)));
    }
    await Promise.all(CHAIN_NAMES.map((name) => started[name].node.produceBlocks(options.blockTimeSec ?? 1)));
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
    const chainOf = (name: ChainName): DevnetChain => ({
      ...started[name].dev,
      ...contracts[name],
      lightClient: clients.find(({ on, clientId }) => on === name && clientId === layout.chains[name].clientId)
        ?.lightClient as Address,
    });
    return {
      directory,
      configFile,
      layout,
      chains: { alpha: chainOf('alpha'), beta: chainOf('beta') },
      cosmos: withClientIds(cosmos, clients),
      clients,
      users,
      attestors,
      proofApi,
      relayer,
      processes,
      addClient: lightClientOf,
      addCosmosClient: (name, of, label) => addCosmosClient(connecting, name, of, label),
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
