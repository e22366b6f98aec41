import { CHAIN_NAMES, type ChainName, type Layout, otherChain } from './layout.ts';

const finalityText = ({ finality }: Layout): string =>
  typeof finality === 'string' ? finality : `{ offset: ${finality.offset} }`;

const clientText = (layout: Layout, on: ChainName): string => {
  const of = otherChain(on);
  const names = layout.attestors.filter(({ chain }) => chain === of).map(({ name }) => name);
  const { attestorsPerChain: n, quorum: m } = layout;
  return [
    `      - on: ${on} # a client on ${on} that tracks ${of}`,
    `        of: ${of}`,
    `        id: ${layout.chains[on].clientId}`,
    `        attestors: [${names.join(', ')}]`,
    `        quorum: ${m}`,
    ...(n === 1 ? ['        allowSingleAttestor: true'] : 2 * m <= n ? ['        allowMinorityQuorum: true'] : []),
  ].join('\n');
};

/** The configuration file of a network, as an operator would write it. */
export const formatConfigFile = (
  layout: Layout,
  rpcUrls: Readonly<Record<ChainName, string>>,
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
).join('\n')}

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
  alpha-beta:
    clients:
${CHAIN_NAMES.map((name) => clientText(layout, name)).join('\n')}

proofApi:
  listen: ${layout.proofApi.address}
  health: ${layout.proofApi.health}

relayer:
  listen: ${layout.relayerApi.address}
  health: ${layout.relayerApi.health}
  signers: { alpha: relayer, beta: relayer }
`;
