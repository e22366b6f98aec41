/** A configuration without fault. Tests change single lines of it. */
export const EXAMPLE = `version: 1
dataDir: data
chains:
  alpha: { chainId: 31337, rpcUrl: "http://127.0.0.1:8545", finality: finalized, deployer: deployer }
  beta: { chainId: 31338, rpcUrl: "http://127.0.0.1:8546/v2/\${KEY}", finality: { offset: 2 }, deployer: deployer }
signers:
  deployer: { keystore: keys/deployer.json, password: { env: PASSWORD } }
  alpha-1: { keystore: keys/alpha-1.json, password: { file: keys/password } }
attestors:
  alpha-1: { chain: alpha, address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", url: 127.0.0.1:8080, health: 127.0.0.1:8081, signer: alpha-1 }
  alpha-2: { chain: alpha, address: "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF", url: 127.0.0.1:8082 }
  alpha-3: { chain: alpha, address: "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69", url: "https://a3.example:443" }
  beta-1: { chain: beta, address: "0x1efF47bc3a10a45D4B230B5d10E37751FE6AA718", url: 127.0.0.1:8084 }
  beta-2: { chain: beta, address: "0xe1AB8145F7E55DC933d51a18c793F901A3A0b276", url: 127.0.0.1:8085 }
connections:
  alpha-beta:
    clients:
      - { on: beta, of: alpha, id: attest-alpha, attestors: [alpha-1, alpha-2, alpha-3], quorum: 2 }
      - { on: alpha, of: beta, id: attest-beta, attestors: [beta-1, beta-2], quorum: 2 }
proofApi: { listen: 127.0.0.1:9090 }
relayer:
  listen: 127.0.0.1:3000
  signers: { alpha: deployer, beta: deployer }
`;

export const EXAMPLE_ENV: Readonly<Record<string, string>> = { KEY: 'api-key-1234', PASSWORD: 'x' };
