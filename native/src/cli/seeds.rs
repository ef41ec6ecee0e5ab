/// Which of the pictures that agree with what is known is found.
#[derive(clap::Args)]
pub struct SeedArgs {
    /// Seed: another one invents otherwise
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The mean of so many, of this seed and those after it: nearer to what was lost than each, and less sharp
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    mean: u32,
}

impl SeedArgs {
    pub fn seeds(&self) -> impl ExactSizeIterator<Item = u64> {
        (0..self.mean).map(|i| self.seed.wrapping_add(i.into()))
    }
}
