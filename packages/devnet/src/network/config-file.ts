import { COSMOS_GAS_PRICE, cosmosChainId } from './cosmos-names.ts';
import { CHAIN_NAMES, type ConnectionEnd, type Layout, type NetworkChain } from './layout.ts';

const finalityText = ({ finality }: Layout): string =>
  typeof finality === 'string' ? finality : `{ offset: ${finality.offset} }`;

const clientText = (layout: Layout, { on, of, clientId }: ConnectionEnd): string => {
  const names = layout.attestors.filter(({ chain }) => chain === of).map(({ name }) => name);
  const { attestorsPerChain: n, quorum: m } = layout;
  return [
    `      - on: ${on} # a client on ${on} that tracks ${of}`,
    `        of: ${of}`,
    ...(clientId === undefined ? [] : [`        id: ${clientId}`]),
    `        attestors: [${names.join(', ')}]`,
    `        quorum: ${m}`,
    ...(n === 1 ? ['        allowSingleAttestor: true'] : 2 * m <= n ? ['        allowMinorityQuorum: true'] : []),
  ].join('\n');
};

/** The configuration file of a network, as an operator would write it. */
export const formatConfigFile = (
  layout: Layout,
  rpcUrls: Readonly<Partial<Record<NetworkChain, string>>>,
): string => `# Written by the development network; everything below is in effect.
version: 1
dataDir: data
log:
  level: ${layout.logLevel}

chains:
${CHAIN_NAMES.map(
  (name) => `  ${name}:
    chainId: ${layout.chains[name].chainId}
    rpcUrl: ${rpcUrls[name]}
    finality: ${finalityText(layout)}
    deployer: deployer`,
)
  .concat(
    layout.cosmos.map(
      (name) => `  ${name}:
    kind: cosmos
    chainId: ${cosmosChainId(name)}
    rpcUrl: ${rpcUrls[name]}
    gasPrice: ${COSMOS_GAS_PRICE}
    deployer: deployer`,
    ),
  )
  .join('\n')}

signers:
${[layout.deployer, layout.relayer]
  .map(({ name }) => name)
  .concat(layout.attestors.map(({ name }) => name))
  .map((name) => `  ${name}: { keystore: keys/${name}.json, password: { file: keys/password } }`)
  .join('\n')}

attestors:
${layout.attestors
  .map(
    ({ name, chain, key, address, health }) =>
      `  ${name}: { chain: ${chain}, address: "${key.address}", url: ${address}, health: ${health}, signer: ${name} }`,
  )
  .join('\n')}

connections:
${layout.connections
  .map(({ name, ends }) => `  ${name}:\n    clients:\n${ends.map((end) => clientText(layout, end)).join('\n')}`)
  .join('\n')}

proofApi:
  listen: ${layout.proofApi.address}
  health: ${layout.proofApi.health}

relayer:
  listen: ${layout.relayerApi.address}
  health: ${layout.relayerApi.health}
  signers: { ${[...CHAIN_NAMES, ...layout.cosmos].map((name) => `${name}: relayer`).join(', ')} }
`;
