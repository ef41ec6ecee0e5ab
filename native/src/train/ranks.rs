//! Processes that train one model together, by MPI: `mpirun -n 4 glow train ...`. Each has the whole state and builds every batch,
//! takes its shards, and gets the gradient of all; what only one may do, the first one does.

use std::env;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use glow::error::{Error, Result};
use mpi::Threading;
use mpi::collective::{CommunicatorCollectives, Root, SystemOperation};
use mpi::environment::Universe;
use mpi::point_to_point::{Destination, Source};
use mpi::topology::{Communicator, SimpleCommunicator};

use super::sum::{add, plus};
use crate::output::{be_quiet, note};

/// What launchers tell a process: MPICH's and its kin's, those with PMIx, Open MPI's.
const LAUNCHED: [&str; 3] = ["PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK"];
/// Numbers that go from rank to rank at a time, while others are on their way.
const CHUNK: usize = 1 << 16;
/// How long the first rank, told to stop, waits for the others before it takes one for dead, and how long they wait for it, which
/// measures and writes.
const PATIENCE: [Duration; 2] = [Duration::from_secs(10), Duration::from_mins(5)];

/// This process among those that train together.
#[derive(Clone)]
pub struct Ranks(Option<Arc<World>>);

/// Of more than one.
struct World {
    all: SimpleCommunicator,
    /// Whether this rank waits for others.
    waits: Arc<AtomicBool>,
    /// Whether all are about to stop.
    stops: AtomicBool,
    /// Ends MPI when it is dropped.
    _universe: Universe,
}

impl Ranks {
    /// One process alone.
    pub const ALONE: Self = Self(None);

    /// All that a launcher of MPI's has started, or this one alone if none did; `stop` becomes true when this one is to stop.
    /// Errors: an MPI without threads.
    pub fn join(stop: &Arc<AtomicBool>) -> Result<Self> {
        if LAUNCHED.iter().all(|variable| env::var_os(variable).is_none()) {
            return Ok(Self::ALONE);
        }
        let Some((universe, threading)) = mpi::initialize_with_threading(Threading::Serialized) else {
            return Err(Error::Training("MPI has begun already".into()));
        };
        let all = universe.world();
        if all.size() == 1 {
            return Ok(Self::ALONE);
        }
        if threading < Threading::Serialized {
            return Err(Error::Training("this MPI knows no threads".into()));
        }
        let (waits, stop) = (Arc::new(AtomicBool::new(false)), stop.clone());
        let (watched, patience) = (waits.clone(), PATIENCE[usize::from(all.rank() > 0)]);
        thread::spawn(move || watch(&stop, &watched, patience));
        be_quiet(all.rank() > 0);
        Ok(Self(Some(Arc::new(World { all, waits, stops: AtomicBool::new(false), _universe: universe }))))
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.as_ref().map_or(1, |world| world.all.size() as usize)
    }

    fn rank(&self) -> usize {
        self.0.as_ref().map_or(0, |world| world.all.rank() as usize)
    }

    /// Whether this one measures, tells and writes.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// Which of so many parts are this rank's.
    pub fn share(&self, parts: usize) -> Range<usize> {
        let start = |rank| rank * parts / self.count();
        start(self.rank())..start(self.rank() + 1)
    }

    /// The sum of all ranks' parts, of which each has at least one: added in their order, however many ranks there are.
    pub fn sum(&self, parts: Vec<Vec<f32>>) -> Vec<f32> {
        let Some(world) = &self.0 else { return add(parts) };
        let (rank, last) = (world.all.rank(), world.all.size() - 1);
        let [first, rest @ ..] = &parts[..] else { panic!("a part for every rank") };
        let mut sum = first.clone();
        world.meet(|all| {
            for (i, sum) in sum.chunks_mut(CHUNK).enumerate() {
                let own = |part: &[f32]| i * CHUNK..part.len().min((i + 1) * CHUNK);
                if rank > 0 {
                    all.process_at_rank(rank - 1).receive_into(sum);
                    plus(sum, &first[own(first)]);
                }
                rest.iter().for_each(|part| plus(sum, &part[own(part)]));
                if rank < last {
                    all.process_at_rank(rank + 1).send(sum);
                }
            }
            all.process_at_rank(last).broadcast_into(&mut sum[..]);
        });
        sum
    }

    /// The first rank's seconds, and whether any rank was told to stop.
    pub fn agree(&self, mut seconds: f64, stop: bool) -> (f64, bool) {
        let Some(world) = &self.0 else { return (seconds, stop) };
        let mut any = 0_u8;
        world.meet(|all| {
            all.process_at_rank(0).broadcast_into(&mut seconds);
            all.all_reduce_into(&u8::from(stop), &mut any, SystemOperation::max());
        });
        world.stops.store(any > 0, Ordering::Relaxed);
        (seconds, any > 0)
    }

    /// The first rank's number.
    pub fn of_first(&self, mut number: u64) -> u64 {
        if let Some(world) = &self.0 {
            world.meet(|all| all.process_at_rank(0).broadcast_into(&mut number));
        }
        number
    }

    /// Whether all ranks have the first one's number.
    pub fn is_same(&self, number: u64) -> bool {
        let Some(world) = &self.0 else { return true };
        let (same, mut of_all) = (u8::from(self.of_first(number) == number), 0_u8);
        world.meet(|all| all.all_reduce_into(&same, &mut of_all, SystemOperation::min()));
        of_all > 0
    }

    /// Ends the others, too, if there are any, after saying why; not where all stop by themselves.
    pub fn give_up(&self, error: &Error) {
        let Some(world) = &self.0 else { return };
        if world.stops.load(Ordering::Relaxed) {
            return;
        }
        // What is wrong for all, the first one says.
        thread::sleep(Duration::from_secs(2 * u64::from(!self.is_first())));
        be_quiet(false);
        note(format!("error: {error}"));
        // A launcher throws away what it has not yet passed on.
        thread::sleep(Duration::from_secs(1));
        world.all.abort(1);
    }
}

impl World {
    fn meet(&self, f: impl FnOnce(&SimpleCommunicator)) {
        self.waits.store(true, Ordering::Relaxed);
        f(&self.all);
        self.waits.store(false, Ordering::Relaxed);
    }
}

/// Where a rank dies, `mpirun` tells the others to stop, and they wait for it for ever.
fn watch(stop: &AtomicBool, waits: &AtomicBool, patience: Duration) {
    let mut since = Instant::now();
    while since.elapsed() <= patience {
        thread::sleep(Duration::from_millis(100));
        if !stop.load(Ordering::Relaxed) || !waits.load(Ordering::Relaxed) {
            since = Instant::now();
        }
    }
    note("error: another process answers no more; go on with --resume, from the last checkpoint");
    std::process::exit(1);
}
