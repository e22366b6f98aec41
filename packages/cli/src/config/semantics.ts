import { agreementOf, majorityOf } from './agreement.ts';
import type { ConfigIssue, ConfigIssueCode } from './issue.ts';
import type { ConfigSource, Path } from './source.ts';
import type { AttestorEntry, ChainEntry, ClientEntry, ProofApiEntry, RelayerEntry, SignerEntry } from './types.ts';

/** A client with its place in the file. */
export interface PlacedClient {
  readonly connection: string;
  readonly path: Path;
  readonly client: ClientEntry;
}

/** What could be parsed of a file, with every name that the file uses, parsed or not. */
export interface Draft {
  readonly chains: Readonly<Record<string, ChainEntry>>;
  readonly signers: Readonly<Record<string, SignerEntry>>;
  readonly attestors: Readonly<Record<string, AttestorEntry>>;
  readonly clients: readonly PlacedClient[];
  /** Connections whose clients all parsed. */
  readonly connections: Readonly<Record<string, readonly PlacedClient[]>>;
  readonly proofApi: ProofApiEntry | undefined;
  readonly relayer: RelayerEntry | undefined;
  readonly names: {
    readonly chains: ReadonlySet<string>;
    readonly signers: ReadonlySet<string>;
    readonly attestors: ReadonlySet<string>;
  };
}

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

type Report = (code: ConfigIssueCode, path: Path, message: string) => void;

const checkReferences = (draft: Draft, report: Report): void => {
  const refer = (section: keyof Draft['names'], name: string | undefined, path: Path): void => {
    if (name === undefined || draft.names[section].has(name)) return;
    const known = [...draft.names[section]].join(', ') || 'none';
    report(
      'config/unknown-reference',
      path,
      `no ${section.slice(0, -1)} is called ${JSON.stringify(name)}; known: ${known}`,
    );
  };
  for (const [name, chain] of Object.entries(draft.chains))
    refer('signers', chain.deployer, ['chains', name, 'deployer']);
  for (const [name, attestor] of Object.entries(draft.attestors)) {
    refer('chains', attestor.chain, ['attestors', name, 'chain']);
    refer('signers', attestor.signer, ['attestors', name, 'signer']);
  }
  for (const { client, path } of draft.clients) {
    refer('chains', client.on, [...path, 'on']);
    refer('chains', client.of, [...path, 'of']);
    for (const [index, attestor] of client.attestors.entries()) {
      refer('attestors', attestor, [...path, 'attestors', index]);
    }
  }
  for (const [chain, signer] of Object.entries(draft.relayer?.signers ?? {})) {
    refer('chains', chain, ['relayer', 'signers', chain]);
    refer('signers', signer, ['relayer', 'signers', chain]);
  }
  const { startHeights = {}, lowBalance } = draft.relayer ?? {};
  for (const chain of Object.keys(startHeights)) refer('chains', chain, ['relayer', 'startHeights', chain]);
  if (typeof lowBalance === 'object') {
    for (const chain of Object.keys(lowBalance)) refer('chains', chain, ['relayer', 'lowBalance', chain]);
  }
};

const checkChains = ({ chains }: Draft, report: Report): void => {
  const seen = new Map<string, string>();
  for (const [name, chain] of Object.entries(chains)) {
    // Proof API and relayer know chains by their id, whatever their kind.
    const chainId = String(chain.chainId);
    const other = seen.get(chainId);
    if (other !== undefined) {
      report(
        'config/duplicate-chain-id',
        ['chains', name, 'chainId'],
        `chain ${other} has the chain id ${chainId} too`,
      );
    }
    seen.set(chainId, other ?? name);
    if (chain.kind === 'evm' && chain.router === ZERO_ADDRESS)
      report('config/zero-address', ['chains', name, 'router'], 'the router is the zero address');
  }
};

/** Endpoints are counted, so each must be another operator's, and more than half of them must agree. */
const checkAgreement = ({ chains }: Draft, report: Report): void => {
  for (const [name, chain] of Object.entries(chains)) {
    const { rpcUrls, required } = agreementOf(chain);
    const count = rpcUrls.length;
    if (required < majorityOf(count) || required > count) {
      const message = `expected ${majorityOf(count)}..${count} for ${count} RPC endpoints, got ${required}`;
      report('config/quorum-out-of-range', ['chains', name, 'rpcQuorum'], message);
    }
    const origins = rpcUrls.map((url) => new URL(url).origin);
    for (const [i, origin] of origins.entries()) {
      if (i === 0 || origins.indexOf(origin) === i) continue;
      const message = `${origin} is listed already: it would count twice`;
      report('config/duplicate-rpc', ['chains', name, 'moreRpcUrls', i - 1], message);
    }
  }
};

const checkAttestors = ({ attestors }: Draft, report: Report): void => {
  const seen = new Map<string, { name: string; chain: string }>();
  for (const [name, { address, chain }] of Object.entries(attestors)) {
    if (address === ZERO_ADDRESS) {
      report('config/zero-address', ['attestors', name, 'address'], 'the zero address cannot attest');
      continue;
    }
    const other = seen.get(address);
    if (other === undefined) seen.set(address, { name, chain });
    else if (other.chain !== chain) {
      report(
        'config/key-reuse',
        ['attestors', name, 'address'],
        `${address} attests ${other.chain} as ${other.name} already: nothing in a signed statement names its source, ` +
          `so what this key says about one chain could be replayed as about the other; give each source its own key`,
      );
    } else {
      report(
        'config/duplicate-attestor',
        ['attestors', name, 'address'],
        `${other.name} has the address ${address} too`,
      );
    }
  }
};

const checkQuorum = ({ client, path }: PlacedClient, draft: Draft, report: Report): void => {
  const { attestors, quorum } = client;
  const count = attestors.length;
  const at = [...path, 'quorum'];
  if (count === 0 || quorum < 1 || quorum > count) {
    report('config/quorum-out-of-range', at, `expected 1..${count} for ${count} attestors, got ${quorum}`);
  } else if (count === 1) {
    if (!client.allowSingleAttestor) {
      report(
        'config/single-attestor',
        at,
        'one attestor alone would decide; to accept that, set allowSingleAttestor: true',
      );
    }
  } else if (2 * quorum <= count && !client.allowMinorityQuorum) {
    report(
      'config/minority-quorum',
      at,
      `${quorum} of ${count} is no majority: two groups could state opposite things; ` +
        `use at least ${majorityOf(count)}, or set allowMinorityQuorum: true`,
    );
  }
  const seen = new Set<string>();
  for (const [index, name] of attestors.entries()) {
    if (seen.has(name)) report('config/duplicate-attestor', [...path, 'attestors', index], `${name} is listed twice`);
    seen.add(name);
    const attestor = draft.attestors[name];
    if (attestor && attestor.chain !== client.of) {
      const message = `${name} attests ${attestor.chain}, but this client tracks ${client.of}`;
      report('config/wrong-source', [...path, 'attestors', index], message);
    }
  }
};

/** On EVM whoever adds a client names it; ibc-go counts. */
const checkClientId = ({ client, path }: PlacedClient, { chains }: Draft, report: Report): void => {
  const kind = chains[client.on]?.kind;
  const at = [...path, 'id'];
  if (kind === 'evm' && client.id === undefined) report('config/missing-key', at, 'missing key "id"');
  if (kind === 'cosmos' && client.id !== undefined && !/^attestations-\d{1,20}$/.test(client.id)) {
    report(
      'config/invalid-value',
      at,
      `expected attestations-NUMBER as ${client.on} assigns it, or no id: the chain assigns one when the client is deployed`,
    );
  }
};

/** What ibc-go takes as the id of a counterparty; it does not take every id that a router does. Source: ibc-go, 02-client. */
const COUNTERPARTY_ID = /^\w+(?:[\w-]+\w)?-[0-9]{1,20}$/;

const checkCounterpartyIds = (clients: readonly PlacedClient[], draft: Draft, report: Report): void => {
  for (const { client, path } of clients) {
    if (draft.chains[client.on]?.kind !== 'evm' || client.id === undefined || COUNTERPARTY_ID.test(client.id)) continue;
    if (draft.chains[client.of]?.kind !== 'cosmos') continue;
    const message = `${client.of} takes only counterparties whose id ends in a dash and a number, as ${client.id}-0`;
    report('config/invalid-value', [...path, 'id'], message);
  }
};

const checkConnections = (draft: Draft, report: Report): void => {
  const ids = new Set<string>();
  checkCounterpartyIds(draft.clients, draft, report);
  for (const placed of draft.clients) {
    const { client, path } = placed;
    checkQuorum(placed, draft, report);
    if (client.on === client.of)
      report('config/connection-shape', [...path, 'of'], 'a client cannot track its own chain');
    checkClientId(placed, draft, report);
    if (client.id === undefined) continue;
    const id = `${client.on}/${client.id}`;
    if (ids.has(id))
      report('config/duplicate-client', [...path, 'id'], `${client.on} has a client ${client.id} already`);
    ids.add(id);
  }
  for (const [name, clients] of Object.entries(draft.connections)) {
    const [first, second] = clients;
    const at = ['connections', name, 'clients'];
    if (first === undefined || second === undefined || clients.length !== 2) {
      report('config/connection-shape', at, `expected two clients, one on each chain, got ${clients.length}`);
    } else if (first.client.on !== second.client.of || first.client.of !== second.client.on) {
      report('config/connection-shape', at, 'expected each client on the chain that the other one tracks');
    }
  }
};

const checkListeners = ({ attestors, proofApi, relayer }: Draft, report: Report): void => {
  const seen = new Map<string, string>();
  const take = (address: string | undefined, path: Path): void => {
    if (address === undefined || address.endsWith(':0')) return;
    const other = seen.get(address);
    const text = path.join('.');
    if (other !== undefined) report('config/duplicate-address', path, `${address} is taken by ${other} already`);
    else seen.set(address, text);
  };
  for (const [name, { signer, listen, url, health }] of Object.entries(attestors)) {
    if (signer === undefined) continue;
    take(listen ?? url, ['attestors', name, listen === undefined ? 'url' : 'listen']);
    // Attestors of one process may share the address of their health and metrics.
    if (health !== undefined && !seen.get(health)?.startsWith('attestors.'))
      take(health, ['attestors', name, 'health']);
  }
  for (const [section, entry] of Object.entries({ proofApi, relayer })) {
    take(entry?.listen, [section, 'listen']);
    take(entry?.health, [section, 'health']);
  }
};

const checkRelayer = (draft: Draft, report: Report): void => {
  if (draft.relayer === undefined) return;
  const { signers, proofApi } = draft.relayer;
  if (proofApi === undefined && draft.proofApi === undefined) {
    report('config/missing-key', ['relayer'], 'the relayer needs relayer.proofApi, or a proofApi section in this file');
  }
  for (const chain of new Set(draft.clients.map(({ client }) => client.on))) {
    if (signers[chain] === undefined && draft.names.chains.has(chain)) {
      report('config/missing-key', ['relayer', 'signers'], `the relayer needs a signer for ${chain}`);
    }
  }
};

/** Senders to a Cosmos chain have to know its price of gas. */
const checkGasPrices = ({ chains, clients, relayer }: Draft, report: Report): void => {
  const relayed = new Set(relayer === undefined ? [] : clients.map(({ client }) => client.on));
  for (const [name, chain] of Object.entries(chains)) {
    if (chain.kind !== 'cosmos' || chain.gasPrice !== undefined) continue;
    const who = relayed.has(name) ? 'the relayer' : chain.deployer === undefined ? undefined : 'its deployer';
    if (who !== undefined) {
      report('config/missing-key', ['chains', name, 'gasPrice'], `${who} needs the price of gas here, as 0.025stake`);
    }
  }
};

/** What the parts of a file say about each other. Works on whatever parsed, so that all problems are found at once. */
export const checkSemantics = (draft: Draft, source: ConfigSource): readonly ConfigIssue[] => {
  const issues: ConfigIssue[] = [];
  const report: Report = (code, path, message) => issues.push(source.issue(code, path, message));
  const checks = [
    checkReferences,
    checkChains,
    checkAgreement,
    checkAttestors,
    checkConnections,
    checkListeners,
    checkRelayer,
    checkGasPrices,
  ];
  for (const check of checks) check(draft, report);
  return issues;
};
