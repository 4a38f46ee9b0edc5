//! `cargo run -p wardbook-sim -- [--seeds N] [--first SEED] [--devices D] [--days T] [--hostile] [--seed X] [--trace]`:
//! one line for each seed; the exit code is 1 where an invariant does not hold.

use std::process::ExitCode;
use wardbook_sim::{Attack, Options, run};

const USAGE: &str = "wardbook-sim [--seeds N] [--first SEED] [--devices D] [--days T] [--hostile] [--newcomers] [--plain] [--seed X] [--trace]";

struct Args {
    first: u64,
    seeds: u64,
    hostile: bool,
    options: Options,
}

fn args() -> Result<Args, String> {
    let mut given = Args { first: 0, seeds: 20, hostile: false, options: Options::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let value = words.next().and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| format!("{word} takes a number"))
        };
        match word.as_str() {
            "--seeds" => given.seeds = number()?,
            "--first" => given.first = number()?,
            "--seed" => (given.first, given.seeds) = (number()?, 1),
            "--devices" => given.options.devices = usize::try_from(number()?).unwrap_or(100),
            "--days" => given.options.days = u32::try_from(number()?).unwrap_or(30),
            "--hostile" => given.hostile = true,
            "--newcomers" => given.options.newcomers = true,
            "--plain" => given.options = Options { devices: given.options.devices, ..Options::plain() },
            "--trace" => given.options.trace = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(given)
}

fn main() -> ExitCode {
    let args = match args() {
        Ok(args) => args,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let mut failed = false;
    for seed in args.first..args.first.saturating_add(args.seeds) {
        let attacks = Attack::ALL.len() as u64;
        let attack = Attack::ALL.get(usize::try_from(seed % attacks).unwrap_or(0)).filter(|_| args.hostile);
        let options = Options { attack: attack.copied(), ..args.options.clone() };
        let outcome = run(seed, &options);
        if let Some(attack) = attack {
            print!("{attack:?}: ");
        }
        println!("{outcome}");
        failed |= outcome.failure.is_some();
    }
    if failed { ExitCode::from(1) } else { ExitCode::SUCCESS }
}
