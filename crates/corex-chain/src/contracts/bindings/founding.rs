//! Contracts that a deployment creates and Rust hardly calls: money of the network.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct WeightsParams { uint16[6] kindBps; uint16 minKindBps; uint16[4] tierBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Weights {
        constructor(address registry, address vault, address authority, WeightsParams params);
        function tuneKind(uint8 kind, uint16 bps) external;
    }

    #[derive(Debug)]
    struct SplitterParams { uint16 burnBps; uint16 insuranceBps; uint16 ecosystemBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface FeeSplitter {
        constructor(address token, address insurance, address ecosystem, SplitterParams params);
        event Flushed(uint256 burned, uint256 insured, uint256 toEcosystem);
        function flush() external returns (uint256 amount);
    }

    #[derive(Debug)]
    struct InsuranceParams { uint16 coverBps; uint16 capBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface InsurancePool {
        constructor(address token, address escrow, address settlement, InsuranceParams params);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Credentials {
        constructor(address registry, address settlement, string name, string symbol);
    }
}
