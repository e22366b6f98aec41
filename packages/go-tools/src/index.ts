export { GoToolsError, type GoToolsErrorCode } from './errors.ts';
export { type Geth, type GethOptions, type PreparedGeth, prepareGeth, startGeth } from './geth.ts';
export { type GoProgram, type GoProgramOptions, goCacheFolder, goProgram } from './go-program.ts';
export {
  type IbcGoChain,
  type IbcGoChainOptions,
  type PreparedIbcGoChain,
  prepareIbcGoChain,
  startIbcGoChain,
} from './ibc-go-chain.ts';
export { type OracleAnswer, type OracleClient, startOracle } from './oracle-client.ts';
export { findFreePorts } from './ports.ts';
export { type GoProgramName, PROGRAMS } from './programs.ts';
export { goProgramOrSkip, skipWithout } from './test-support.ts';
