import type { Signer } from '@interchain-attestation/chains';
import {
  bytesToHex,
  decodeStateAttestation,
  isAttestationError,
  recoverSigner,
  STRICT_SIGNATURE_RULES,
  signingDigest,
} from '@interchain-attestation/core';
import type { AttestorEndpoint } from '@interchain-attestation/deploy';
import { agreementOf } from '../config/agreement.ts';
import type { AttestConfig, ChainEntry, KnownClient } from '../config/types.ts';
import type { Keyring } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { connectAttestors } from './attestor-endpoints.ts';
import { type Chain, connectChain, connectReader } from './chains.ts';
import { clientIdOf } from './clients.ts';

/** One thing that was compared with reality. */
export interface LiveCheck {
  /** For example `chain alpha`, `client attest-alpha on beta`. */
  readonly subject: string;
  readonly check: string;
  readonly outcome: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

type Report = (check: string, outcome: LiveCheck['outcome'], detail: string) => void;

const CALL_TIMEOUT_MS = 8_000;
/** A head older than this means a node that lags, or a clock that is wrong. */
const STALE_SEC = 120n;

const describe = (error: unknown): string =>
  isAttestationError(error)
    ? `${error.message.split('\n')[0]} [${error.code}]`
    : ((error as Error).message.split('\n')[0] ?? '');

/** Runs a check, and makes its failure to run a failed check. */
const attempt = async (report: Report, check: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    report(check, 'failed', describe(error));
  }
};

const placeOf = (chain: Chain): 'router' | 'store' => (chain.reader.kind === 'evm' ? 'router' : 'store');

const checkChain = async (chain: Chain, report: Report, nowSec: bigint): Promise<void> => {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  await attempt(report, 'identity', async () => {
    const { chainId, genesisHash, store } = await chain.reader.identity({ signal });
    report('identity', 'ok', `chain id ${chainId}, genesis ${genesisHash.slice(0, 10)}…, ${placeOf(chain)} ${store}`);
  });
  await attempt(report, 'finality', async () => {
    const [latest, final] = await Promise.all([
      chain.reader.latestBlock({ signal }),
      chain.reader.finalizedBlock({ signal }),
    ]);
    const age = nowSec - latest.timestampSec;
    const detail = `head ${latest.height}, final ${final.height} (${latest.height - final.height} behind)`;
    const late = age > STALE_SEC || age < -STALE_SEC;
    report(
      'finality',
      late ? 'warning' : 'ok',
      late ? `${detail}; the head's time differs from this clock by ${age} s` : detail,
    );
  });
  await attempt(report, placeOf(chain), async () => {
    // Reading any path checks that the router has code, answers, and is a proxy, or that the node serves IBC v2:
    // absence means nothing otherwise.
    const block = await chain.reader.latestBlock({ signal });
    await chain.reader.commitments(block, [{ kind: 'receipt', clientId: 'attest-probe', sequence: 1n }], { signal });
    report(
      placeOf(chain),
      'ok',
      chain.reader.kind === 'evm' ? 'has code, answers, is a proxy' : 'answers for packets of IBC v2',
    );
  });
};

/** Further RPC endpoints of a chain, each for itself, and whether enough of all say the same. */
const checkEndpoints = async (
  config: AttestConfig,
  name: string,
  reporter: (subject: string) => Report,
  nowSec: bigint,
): Promise<void> => {
  const { rpcUrls, required } = agreementOf(config.chains[name] as ChainEntry);
  if (rpcUrls.length === 1) return;
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const checkEach = rpcUrls.slice(1).map(async (rpcUrl) => {
    const chain = await connectChain(config, name, { rpcUrl });
    try {
      await checkChain(chain, reporter(`chain ${name} at ${chain.reader.origin}`), nowSec);
    } finally {
      await chain.close();
    }
  });
  const report = reporter(`chain ${name}`);
  const compare = attempt(report, 'agreement', async () => {
    const dissents: string[] = [];
    const reader = await connectReader(config, name, {
      onEvent: (event) => {
        if (event.type === 'rpc-dissent')
          dissents.push(`${event.origin} differs about ${event.about}: ${event.detail}`);
      },
    });
    try {
      await reader.identity({ signal });
      const { height } = await reader.finalizedBlock({ signal });
      const detail = `${required} of ${rpcUrls.length} RPC endpoints must agree, and do on block ${height}`;
      report('agreement', dissents.length > 0 ? 'warning' : 'ok', [detail, ...dissents].join('; '));
    } finally {
      await reader.close();
    }
  });
  await Promise.all([...checkEach, compare]);
};

const checkClient = async (
  chain: Chain,
  config: AttestConfig,
  client: KnownClient,
  otherId: string | undefined,
  report: Report,
): Promise<void> => {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  await attempt(report, 'set and quorum', async () => {
    const state = await chain.clients.clientState(client.id, { signal });
    const wanted = client.attestors.flatMap((name) => config.attestors[name]?.address ?? []);
    const missing = wanted.filter((address) => !state.attestors.includes(address));
    const extra = state.attestors.filter((address) => !wanted.includes(address));
    const problems = [
      ...missing.map((address) => `${address} is not in the client's set`),
      ...extra.map((address) => `the client also trusts ${address}`),
      ...(state.minRequiredSigs === client.quorum
        ? []
        : [`quorum is ${state.minRequiredSigs}, the file says ${client.quorum}`]),
      ...(state.isFrozen ? ['the client is frozen'] : []),
    ];
    const set = `${state.minRequiredSigs} of ${state.attestors.length}, latest height ${state.latestHeight}`;
    report(
      'set and quorum',
      problems.length === 0 ? 'ok' : 'failed',
      problems.length === 0 ? set : problems.join('; '),
    );
  });
  await attempt(report, 'counterparty', async () => {
    const { clientId } = await chain.clients.counterparty(client.id, { signal });
    if (otherId === undefined)
      report('counterparty', 'failed', `is ${clientId}, which is not deployed as far as is known here`);
    else if (clientId === otherId) report('counterparty', 'ok', clientId);
    else report('counterparty', 'failed', `is ${clientId}, and should be ${otherId}`);
  });
};

const checkAttestor = async (
  endpoint: AttestorEndpoint,
  finalHeight: bigint | undefined,
  report: Report,
): Promise<void> => {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  await attempt(report, 'signs', async () => {
    const height = await endpoint.latestHeight(signal);
    const { attestedData, signature } = await endpoint.stateAttestation(height, signal);
    const stated = decodeStateAttestation(attestedData);
    const signer = recoverSigner(signingDigest('state', attestedData), signature, STRICT_SIGNATURE_RULES);
    if (!signer.ok)
      report('signs', 'failed', `its signature ${bytesToHex(signature).slice(0, 12)}… is broken: ${signer.fault}`);
    else if (signer.address !== endpoint.address) {
      report('signs', 'failed', `it signs as ${signer.address}, the file says ${endpoint.address}`);
    } else if (stated.height !== height)
      report('signs', 'failed', `asked for height ${height}, it signed ${stated.height}`);
    else {
      const lag = finalHeight === undefined ? 0n : finalHeight - height;
      report('signs', lag > 20n ? 'warning' : 'ok', `height ${height}${lag > 20n ? `, ${lag} blocks behind` : ''}`);
    }
  });
};

/** Somebody's account on one chain: can it pay? */
const checkAccount = async (
  chain: Chain,
  config: AttestConfig,
  name: string,
  keyring: Keyring,
  report: Report,
): Promise<void> => {
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  await attempt(report, 'balance', async () => {
    // An EVM address stands in the key file; an account of a Cosmos chain takes the public key, which is locked in it.
    let signer: Signer;
    if (chain.reader.kind === 'evm') signer = watchOnly(await keyring.address(name));
    else if (!keyring.unattended(name)) {
      report(
        'balance',
        'warning',
        `not checked: signer ${name} names no password, and the account follows from its key`,
      );
      return;
    } else signer = await keyring.signer(name);
    const sender = chain.createSender(signer);
    const balance = await sender.balance({ signal });
    const entry = config.chains[chain.reader.name];
    const denom = entry?.kind === 'cosmos' ? (entry.gasPrice ?? '').replace(/^[\d.]+/, '') : 'wei';
    report('balance', balance === 0n ? 'failed' : 'ok', `${sender.account} has ${balance} ${denom}`);
  });
};

/** An account that is looked at, and cannot sign. */
const watchOnly = (address: Signer['address']): Signer => {
  const refuse = (): Promise<never> => Promise.reject(new Error('this signer only watches'));
  return {
    publicKey: new Uint8Array(33),
    address,
    signRecoverable: refuse,
    signEvmTransaction: refuse,
    signCosmosTransaction: refuse,
  };
};

/** Who pays on each chain: the relayer, and whoever deploys. */
const payers = (config: AttestConfig): readonly { readonly chain: string; readonly signer: string }[] =>
  Object.entries(config.chains).flatMap(([chain, { deployer }]) =>
    [...new Set([config.relayer?.signers[chain], deployer])].flatMap((signer) =>
      signer === undefined ? [] : [{ chain, signer }],
    ),
  );

/**
 * Compares a configuration with its chains and attestors: identities, routers, sets and quorums on chain, counterparties,
 * what attestors sign, balances of whoever pays. Never throws for something that is wrong out there.
 */
export const checkLive = async (
  config: AttestConfig,
  keyring: Keyring,
  nowSec: bigint,
): Promise<readonly LiveCheck[]> => {
  const checks: LiveCheck[] = [];
  const reporter =
    (subject: string): Report =>
    (check, outcome, detail) => {
      checks.push({ subject, check, outcome, detail });
    };
  const chains = new Map<string, Chain>();
  const finals = new Map<string, bigint>();
  try {
    await Promise.all(
      Object.keys(config.chains).map(async (name) => {
        const report = reporter(`chain ${name}`);
        await attempt(report, 'connection', async () => {
          const chain = await connectChain(config, name);
          chains.set(name, chain);
          await Promise.all([checkChain(chain, report, nowSec), checkEndpoints(config, name, reporter, nowSec)]);
          const final = await chain.reader.finalizedBlock().catch(() => undefined);
          if (final !== undefined) finals.set(name, final.height);
        });
      }),
    );
    const clients = Object.entries(config.connections).flatMap(
      ([
        connection,
        {
          clients: [a, b],
        },
      ]) => [
        { connection, client: a, other: b },
        { connection, client: b, other: a },
      ],
    );
    const attestors = connectAttestors(config, Object.keys(config.attestors));
    try {
      await Promise.all([
        ...clients.map(async ({ connection, client, other }) => {
          const chain = chains.get(client.on);
          await attempt(reporter(`client of ${client.of} on ${client.on}`), 'id', async () => {
            const id = await clientIdOf(config, connection, client);
            if (id === undefined) throw new CliError('cli/not-found', 'not deployed yet: run "attest deploy client"');
            const report = reporter(`client ${id} on ${client.on}`);
            const otherId = await clientIdOf(config, connection, other);
            if (chain) await checkClient(chain, config, { ...client, id }, otherId, report);
          });
        }),
        ...payers(config).map(async ({ chain: name, signer }) => {
          const chain = chains.get(name);
          if (chain) await checkAccount(chain, config, signer, keyring, reporter(`signer ${signer} on ${name}`));
        }),
        ...attestors.endpoints.map((endpoint) => {
          const source = config.attestors[endpoint.name]?.chain ?? '';
          return checkAttestor(endpoint, finals.get(source), reporter(`attestor ${endpoint.name}`));
        }),
      ]);
    } finally {
      attestors.close();
    }
  } finally {
    await Promise.all([...chains.values()].map((chain) => chain.close()));
  }
  const order = (subject: string): number =>
    ['chain', 'client', 'attestor', 'signer'].indexOf(subject.split(' ')[0] ?? '');
  return checks.toSorted((a, b) => order(a.subject) - order(b.subject) || a.subject.localeCompare(b.subject));
};
