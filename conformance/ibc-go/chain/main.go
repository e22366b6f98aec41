// Command ibc-go-chain runs ibc-go's test application as a real chain: keys, genesis and a CometBFT node in one
// process, as every Cosmos chain has them.
package main

import (
	"os"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/server"
	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	cmtcfg "github.com/cometbft/cometbft/config"

	"github.com/cosmos/ibc-go/v11/testing/simapp"
)

func newApp(logger log.Logger, db dbm.DB, options servertypes.AppOptions) servertypes.Application {
	app := simapp.NewSimApp(logger, db, nil, true, options, server.DefaultBaseappOptions(options)...)
	acknowledgeLater(app)
	return app
}

// exportApp is what `export` would call; this chain is thrown away after a test.
func exportApp(log.Logger, dbm.DB, int64, bool, []string, servertypes.AppOptions, []string) (servertypes.ExportedApp, error) {
	panic("export is not supported")
}

func main() {
	// An application that keeps nothing, for its codecs and its modules' genesis.
	options := simtestutil.NewAppOptionsWithFlagHome(os.TempDir())
	template := simapp.NewSimApp(log.NewNopLogger(), dbm.NewMemDB(), nil, true, options)
	basics := module.NewBasicManagerFromManager(template.ModuleManager, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
	})

	root := &cobra.Command{
		Use:           "ibc-go-chain",
		SilenceUsage:  true,
		SilenceErrors: false,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.OutOrStdout())
			ctx := client.Context{}.
				WithCmdContext(cmd.Context()).
				WithCodec(template.AppCodec()).
				WithInterfaceRegistry(template.InterfaceRegistry()).
				WithTxConfig(template.TxConfig()).
				WithLegacyAmino(template.LegacyAmino()).
				WithInput(os.Stdin).
				WithAccountRetriever(authtypes.AccountRetriever{}).
				WithHomeDir(simapp.DefaultNodeHome).
				WithViper("")
			ctx, err := client.ReadPersistentCommandFlags(ctx, cmd.Flags())
			if err != nil {
				return err
			}
			ctx, err = config.ReadFromClientConfig(ctx)
			if err != nil {
				return err
			}
			if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
				return err
			}
			return server.InterceptConfigsPreRunHandler(cmd, serverconfig.DefaultConfigTemplate, serverconfig.DefaultConfig(), cmtcfg.DefaultConfig())
		},
	}
	root.PersistentFlags().String(flags.FlagChainID, "", "chain id")

	genesis := &cobra.Command{Use: "genesis", Short: "genesis commands"}
	addresses := template.AccountKeeper.AddressCodec()
	validators := template.StakingKeeper.ValidatorAddressCodec()
	balances := banktypes.GenesisBalancesIterator{}
	genesis.AddCommand(
		genutilcli.GenTxCmd(basics, template.TxConfig(), balances, simapp.DefaultNodeHome, validators),
		genutilcli.CollectGenTxsCmd(balances, simapp.DefaultNodeHome, genutiltypes.DefaultMessageValidator, validators),
		genutilcli.AddGenesisAccountCmd(simapp.DefaultNodeHome, addresses),
	)
	root.AddCommand(genutilcli.InitCmd(basics, simapp.DefaultNodeHome), genesis, keys.Commands())
	server.AddCommands(root, simapp.DefaultNodeHome, newApp, exportApp, func(*cobra.Command) {})

	if err := svrcmd.Execute(root, "", simapp.DefaultNodeHome); err != nil {
		os.Exit(1)
	}
}
