//! Training: it learns, it survives interruptions, and it says what is wrong.

mod common;

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use common::{assert_gradients, config, configs, differentiable, largest, normal, parts, randomised};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::ops::Precision;
use glow::pixels::host;
use glow::weights;
use glow_native::picture::box_scale;
use glow_native::train::{
    Adamax, Optimiser, OptimiserKind, Options, Ranks, Recipe, StepOptions, TrainConfig, log_p_gradient, metrics, pack,
    train, train_step,
};
use glow_native::train::{Part, data::Images};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

const STEP: StepOptions = StepOptions {
    rate: 1e-2,
    clip: 10.0,
    shards: 2,
    recompute: false,
    precision: Precision::F32,
    ranks: Ranks::ALONE,
    gpu: None,
};

/// A folder of 60 small pictures of discs on gradients.
fn pictures() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("below")).unwrap();
    for i in 0..60_u32 {
        let image = RgbImage::from_fn(16, 16, |x, y| {
            let inside = (x as i32 - 8).pow(2) + (y as i32 - 8).pow(2) < 10 + i as i32 % 30;
            let shade = (x * 8 + i * 2) as u8;
            if inside { Rgb([200, shade, 40]) } else { Rgb([shade, (y * 9) as u8, 90]) }
        });
        let extension = ["png", "jpg", "webp"][i as usize % 3];
        let folder = if i % 2 == 0 { dir.path().to_owned() } else { dir.path().join("below") };
        image.save(folder.join(format!("{i:02}.{extension}"))).unwrap();
    }
    dir
}

fn recipe(images: u64) -> Recipe {
    let model = GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 16.into(),
        bits: 5,
        coupling: CouplingKind::Affine,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    let train = TrainConfig {
        batch: 8,
        learning_rate: 3e-3,
        warmup_steps: 10,
        learning_rate_decay: 0.0,
        images: Some(images),
        ..Default::default()
    };
    Recipe { model, train }
}

fn options(data: &Path, out: PathBuf, resume: bool) -> Options {
    Options {
        data: data.to_owned(),
        out,
        device: Device::flex(),
        minutes: 1.0,
        resume,
        from: None,
        checkpoint_every: Duration::ZERO,
        recompute: false,
        precision: Precision::fastest(),
        shards: None,
        ranks: Ranks::ALONE,
        describe_data: (!resume).then(|| "discs".into()),
        stop: Arc::default(),
    }
}

/// Every parameter of a run's weights: what stands behind the header, which tells how long it took.
fn values(out: &TempDir) -> Vec<u8> {
    let file = fs::read(out.path().join("model.safetensors")).unwrap();
    file[8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize..].to_vec()
}

fn read(out: &Path) -> (Glow, weights::Header) {
    weights::load(&fs::read(out.join("model.safetensors")).unwrap(), &Device::flex()).unwrap()
}

#[test]
fn weights_grow_and_deepen_into_the_recipes_model() {
    let (data, dir) = (pictures(), TempDir::new().unwrap());
    let begin = |recipe: &Recipe, from: Option<&Path>, out: &str| {
        let options = Options { from: from.map(Path::to_owned), ..options(data.path(), dir.path().join(out), false) };
        train(recipe, &options)
    };
    let mut recipe = recipe(80);
    recipe.model.coupling = CouplingKind::Additive;
    begin(&recipe, None, "small").unwrap();
    let small = dir.path().join("small/model.safetensors");
    recipe.model =
        GlowConfig { size: 16, levels: 3, steps: vec![3, 2, 4].into(), width: vec![8, 16, 20].into(), ..recipe.model };
    begin(&recipe, Some(&small), "large").unwrap();
    assert_eq!(read(&dir.path().join("large")).1.config, recipe.model);
    recipe.model.dequantiser = Some(6);
    begin(&recipe, Some(&dir.path().join("large/model.safetensors")), "noisy").unwrap();
    assert_eq!(read(&dir.path().join("noisy")).1.config, recipe.model);
    recipe.model.dequantiser = None;
    recipe.model.width = 8.into();
    assert!(begin(&recipe, Some(&small), "narrow").unwrap_err().to_string().contains("cannot be cut"));
    recipe.model.size = 64;
    assert!(begin(&recipe, Some(&small), "far").unwrap_err().to_string().contains("cannot become the recipe's model"));
}

#[test]
fn older_recipes_are_read_by_their_names() {
    let dir = TempDir::new().unwrap();
    let read = |train: &str| {
        let path = dir.path().join("recipe.toml");
        let model =
            "size = 8\nlevels = 2\nsteps = 2\nwidth = 8\nbits = 5\ncoupling = \"affine\"\npermutation = \"conv1x1\"\n";
        fs::write(&path, format!("[model]\n{model}[train]\n{train}")).unwrap();
        Recipe::read(&path)
    };
    let old = "rate = 1e-3\nmuon_rate = 2e-3\nlevel_rates = [0.5, 1.0]\nwarmup = 7\ndecay = 0.6\naverage = 0.9\n";
    let new = "learning_rate = 1e-3\nmuon_learning_rate = 2e-3\nlevel_learning_rates = [0.5, 1.0]\nwarmup_steps = 7\n\
               learning_rate_decay = 0.6\nema_decay = 0.9\n";
    let recipe = read(new).unwrap();
    assert_eq!(recipe, read(old).unwrap());
    assert_eq!((recipe.train.warmup_steps, recipe.train.ema_decay), (7, 0.9));
    assert!(read("rates = 1e-3\n").is_err());
}

#[test]
fn it_learns_and_leaves_what_it_promises() {
    let data = pictures();
    let out = TempDir::new().unwrap();
    train(&recipe(2400), &options(data.path(), out.path().to_owned(), false)).unwrap();
    let log = metrics::read(&out.path().join("metrics.jsonl")).unwrap();
    let last = log.last().unwrap();
    assert_eq!((last.images, last.skipped), (2400, 0));
    let (model, header) = read(out.path());
    assert!(model.initialised && header.facts.images_seen == 2400 && header.facts.data == "discs");
    let start = Glow::new(&header.config, 1, &Device::flex()).unwrap();
    let images = Images::read(data.path(), Part::Validation, 8).unwrap();
    let bits = |model: &Glow| glow_native::train::evaluate(&model.frozen(), &images, &Device::flex()).bits_per_dim;
    assert!(bits(&model) < bits(&start) - 1.0, "{} {}", bits(&model), bits(&start));
    assert!((bits(&model) - last.validation).abs() < 1e-6);
    assert!(fs::read_to_string(out.path().join("curve.svg")).unwrap().contains("bits/dim"));
    assert!(fs::read_dir(out.path()).unwrap().any(|f| f.unwrap().file_name().to_string_lossy().starts_with("samples")));
}

#[test]
fn a_resumed_run_is_the_run_that_was_not_interrupted() {
    let data = pictures();
    for optimiser in [OptimiserKind::Adamax, OptimiserKind::Adam, OptimiserKind::Muon] {
        let (whole, halves) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let run = |images, out: &TempDir, resume| {
            let Recipe { model, train: config } = recipe(images);
            let recipe = Recipe { model, train: TrainConfig { optimiser, ..config } };
            train(&recipe, &options(data.path(), out.path().to_owned(), resume)).unwrap();
            let bytes = fs::read(out.path().join("model.safetensors")).unwrap();
            assert_eq!(
                weights::read_header(&bytes).unwrap().facts.data,
                "discs",
                "also where only the first run said so"
            );
            values(out)
        };
        let (whole, half) = (run(320, &whole, false), run(160, &halves, false));
        let halves = run(320, &halves, true);
        assert!(whole == halves, "{optimiser:?}: every parameter, to the last bit");
        assert!(half != halves, "the second half trained");
    }
}

#[test]
fn another_recipe_is_not_resumed() {
    let data = pictures();
    let out = TempDir::new().unwrap();
    train(&recipe(80), &options(data.path(), out.path().to_owned(), false)).unwrap();
    let resume = |change: fn(&mut Recipe)| {
        let mut recipe = recipe(160);
        change(&mut recipe);
        train(&recipe, &options(data.path(), out.path().to_owned(), true)).map_err(|error| error.to_string())
    };
    assert!(resume(|recipe| recipe.train.batch = 4).unwrap_err().contains("train.batch is 4, was 8"));
    let error = resume(|recipe| recipe.train.optimiser = OptimiserKind::Muon).unwrap_err();
    assert!(error.contains("train.optimiser is \"muon\", was \"adamax\""), "{error}");
    assert!(
        resume(|recipe| recipe.model.steps = vec![2, 3].into()).unwrap_err().contains("model.steps is [2,3], was 2")
    );
    resume(|recipe| recipe.train.learning_rate_decay = 0.5).unwrap();
}

#[test]
fn other_images_are_not_resumed() {
    let data = pictures();
    let out = TempDir::new().unwrap();
    let train = |images, resume| train(&recipe(images), &options(data.path(), out.path().to_owned(), resume));
    train(80, false).unwrap();
    // A pack of as many bits as the model has is the same to it.
    let packed = out.path().join("packed");
    pack(data.path(), 8, 5, 1_000_000, &packed).unwrap();
    glow_native::train::train(&recipe(160), &options(&packed, out.path().to_owned(), true)).unwrap();
    RgbImage::new(16, 16).save(data.path().join("00.png")).unwrap();
    assert!(train(240, true).unwrap_err().to_string().contains("other training images"));
}

#[test]
fn a_run_that_is_interrupted_keeps_its_state() {
    let data = pictures();
    let (whole, stopped) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let train = |out: &TempDir, resume, stop| {
        let options = options(data.path(), out.path().to_owned(), resume);
        options.stop.store(stop, Ordering::Relaxed);
        train(&recipe(80), &Options { checkpoint_every: Duration::MAX, ..options })
    };
    train(&whole, false, false).unwrap();
    assert!(train(&stopped, false, true).unwrap_err().to_string().contains("--resume"));
    train(&stopped, true, false).unwrap();
    assert!(values(&whole) == values(&stopped));
}

#[test]
fn a_folder_has_one_run_at_a_time() {
    let data = pictures();
    let out = TempDir::new().unwrap();
    let train = || train(&recipe(8), &options(data.path(), out.path().to_owned(), false));
    let lock = File::create(out.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    let error = train().unwrap_err().to_string();
    assert!(error.contains("another run") && error.contains(out.path().to_str().unwrap()), "{error}");
    assert!(!out.path().join("checkpoint.safetensors").exists());
    drop(lock);
    train().unwrap();
}

#[test]
fn the_gradient_is_that_of_autodiff() {
    for (i, config) in configs().enumerate() {
        let device = Device::flex().autodiff();
        let dequantiser = (i % 2 == 0).then_some(9);
        let config = GlowConfig {
            size: 16,
            levels: 3,
            steps: vec![1, 8, 3].into(),
            width: vec![8, 10, 7].into(),
            dequantiser,
            ..config
        };
        let x = normal([7, 16, 16, 3], 0.2, 1, &device);
        let model = Glow::new(&config, 1, &device.clone().inner()).unwrap().initialise(x.clone().inner()).train();
        let mut model = randomised(model, 0.02, 1);
        // A channel of the first level is as narrow as it may be.
        let prior = &mut model.levels[0].split.as_mut().unwrap().prior;
        prior.bias = prior.bias.clone().map(|bias| {
            let narrow = bias.clone().slice_fill(bias.dims()[0] - 1, -9.0);
            Tensor::from_data(narrow.into_data(), &device).require_grad()
        });
        let flow = differentiable(&model);
        let (noisy, log_det) = flow.dequantise(x.clone());
        let log_p = (flow.forward(noisy).log_p() + log_det).sum();
        let expected = GradientsParams::from_grads(log_p.backward(), &model);
        let log_p = f64::from(log_p.into_scalar::<f32>());
        for (shards, recompute) in [(1, false), (2, false), (3, true), (7, false)] {
            let options = StepOptions { shards, recompute, ..STEP };
            let (actual, gradient) = log_p_gradient(&model, x.clone(), &options);
            assert!((log_p - actual).abs() <= 1e-5 * log_p.abs(), "{log_p} {actual}");
            assert_gradients(&model, &expected, &gradient, if recompute { 1e-3 } else { 1e-4 });
        }
    }
}

#[test]
fn a_step_without_a_finite_gradient_is_not_applied() {
    let recipe = recipe(1);
    let device = Device::flex().autodiff();
    let model = Glow::new(&recipe.model, 1, &device).unwrap();
    let mut optimiser = Optimiser::new(&TrainConfig::default());
    let x = normal([4, 8, 8, 3], 0.2, 1, &device);
    let (same, loss, _) = train_step(model.clone(), &mut optimiser, x.clone() * f32::NAN, &STEP);
    assert!(!loss.is_finite());
    let weight = |model: &Glow| model.levels[0].steps[0].coupling.conv0.weight.val().inner();
    assert_eq!(largest(weight(&same) - weight(&model)), 0.0);
    let bias = |model: &Glow| model.levels[0].steps[0].actnorm.bias.val().inner();
    let (after, loss, norm) = train_step(same, &mut optimiser, x, &STEP);
    assert!(loss.is_finite() && norm.is_finite() && largest(bias(&after) - bias(&model)) > 0.0);
}

#[test]
fn shards_have_the_gradient_of_the_whole() {
    let device = Device::flex().autodiff();
    let model = randomised(Glow::new(&recipe(1).model, 1, &device).unwrap(), 0.02, 1);
    let x = normal([6, 8, 8, 3], 0.2, 1, &device);
    let gradient = |shards| {
        let (log_p, gradients) = log_p_gradient(&model, x.clone(), &StepOptions { shards, ..STEP });
        (log_p, parts(&model, &gradients))
    };
    let (log_p, whole) = gradient(1);
    for shards in [2, 3, 4, 5, 6, 7] {
        let (sum, sharded) = gradient(shards);
        assert!((log_p - sum).abs() < 1e-5 * log_p.abs(), "{shards}: {log_p} {sum}");
        assert_eq!(whole.len(), sharded.len());
        for (whole, sharded) in whole.iter().zip(&sharded) {
            let largest = whole.iter().fold(0.0_f32, |largest, v| largest.max(v.abs()));
            assert!(
                largest > 0.0 && whole.iter().zip(sharded).all(|(a, b)| (a - b).abs() <= 1e-4 * largest),
                "{shards}"
            );
        }
    }
}

#[test]
fn a_run_that_diverges_stops_with_a_sentence() {
    let data = pictures();
    let out = TempDir::new().unwrap();
    let mut recipe = recipe(80_000);
    recipe.train.learning_rate = 1e6;
    recipe.train.warmup_steps = 1;
    let error = train(&recipe, &options(data.path(), out.path().to_owned(), false)).unwrap_err().to_string();
    assert!(error.contains("lower the rate"), "{error}");
}

#[test]
fn a_run_whose_validation_is_not_finite_stops_with_what_is_left() {
    let data = pictures();
    for kept in [false, true] {
        let out = TempDir::new().unwrap();
        let weights = out.path().join("model.safetensors");
        if kept {
            fs::write(&weights, "good ones").unwrap();
        }
        let mut recipe = recipe(64_000);
        recipe.train = TrainConfig { batch: 64, learning_rate: 1e3, warmup_steps: 1, ..recipe.train };
        let options = options(data.path(), out.path().to_owned(), false);
        let error = train(&recipe, &Options { checkpoint_every: Duration::MAX, ..options }).unwrap_err().to_string();
        assert!(error.contains("validation images") && error.contains("lower the rate"), "{error}");
        assert_eq!(error.contains(&format!("--from {}", weights.display())), kept, "{error}");
        assert!(!error.contains("--resume"), "its own recipe would end as it did");
    }
}

#[test]
fn adamax_steps_by_the_rate() {
    use burn::optim::Optimizer;
    let at = |values: [f32; 2]| Tensor::<1>::from_floats(values, &Device::flex());
    // Two steps by hand from the paper's algorithm 2, with gradients (1, -2) and (3, 0).
    let (x, state) = Adamax::default().step(0.1, at([0.0, 0.0]), at([1.0, -2.0]), None);
    assert!(largest(x.clone() - at([-0.1, 0.1])) < 1e-6);
    let (x, _) = Adamax::default().step(0.1, x, at([3.0, 0.0]), state);
    let second = [-0.1 - 0.1 / 0.19 * (0.39 / 3.0), 0.1 + 0.1 / 0.19 * (0.18 / 1.998)];
    assert!(largest(x - at(second)) < 1e-6);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let data = pictures();
    let out = data.path().join("00.png").join("run");
    let error = train(&recipe(80), &options(data.path(), out.clone(), false)).unwrap_err().to_string();
    assert!(error.contains(out.to_str().unwrap()), "{error}");
}

#[test]
fn unreadable_files_are_named_and_passed_over() {
    let data = pictures();
    fs::write(data.path().join("a.png"), b"not a picture").unwrap();
    let images = Images::read(data.path(), Part::Train, 8).unwrap();
    assert_eq!((images.len(), images.unreadable.len()), (54, 1));
    assert!(images.unreadable[0].contains("a.png"));
    let empty = TempDir::new().unwrap();
    assert!(Images::read(empty.path(), Part::Train, 8).unwrap_err().to_string().contains("no Train image"));
}

#[test]
fn parts_of_a_folder_need_twenty_images() {
    let dir = TempDir::new().unwrap();
    let images = |part| Images::read(dir.path(), part, 8).map(|images| images.len()).map_err(|error| error.to_string());
    for i in 0..20 {
        let error = images(Part::Test).unwrap_err();
        assert!(
            error.contains("no Test image") && error.contains(&format!("{i} images, and 20 are needed")),
            "{error}"
        );
        RgbImage::new(8, 8).save(dir.path().join(format!("{i:02}.png"))).unwrap();
    }
    assert_eq!(Part::ALL.map(|part| images(part).unwrap()), [18, 1, 1]);
}

#[test]
fn links_that_lead_nowhere_are_passed_over() {
    let (data, elsewhere) = (pictures(), TempDir::new().unwrap());
    symlink(data.path(), data.path().join("below/circle")).unwrap();
    symlink("nowhere.png", data.path().join("dangling.png")).unwrap();
    // But a link to a picture is one, and so is a picture without a picture's name.
    fs::copy(data.path().join("00.png"), elsewhere.path().join("picture")).unwrap();
    symlink(elsewhere.path(), data.path().join("more")).unwrap();
    fs::write(data.path().join("notes"), "no picture").unwrap();
    let images = Images::read(data.path(), Part::Train, 8).unwrap();
    assert_eq!((images.len(), images.unreadable.len()), (55, 2), "{:?}", images.unreadable);
    assert!(Images::read(&data.path().join("none"), Part::Train, 8).is_err());
}

/// CelebA with three photographs, a part each, in a folder and with a partition of these names.
fn celeba(folder: &str, list: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join(folder);
    fs::create_dir_all(&folder).unwrap();
    // Red outside the central 148x148.
    let image = RgbImage::from_fn(178, 218, |x, y| {
        let inside = (15..163).contains(&x) && (35..183).contains(&y);
        Rgb(if inside { [0, 255, 0] } else { [255, 0, 0] })
    });
    for i in 1..=3 {
        image.save(folder.join(format!("{i:06}.png"))).unwrap();
    }
    let list = dir.path().join(list);
    fs::create_dir_all(list.parent().unwrap()).unwrap();
    let text = match list.extension().unwrap().to_str() {
        Some("csv") => "image_id,partition\n000001.png,0\n000002.png,1\n000003.png,2\n",
        _ => "000001.png 0\n000002.png 1\n000003.png 2\n\n",
    };
    fs::write(list, text).unwrap();
    dir
}

#[test]
fn celeba_is_read_as_it_is_downloaded() {
    for (folder, list) in [
        ("img_align_celeba", "list_eval_partition.txt"),
        ("images", "list_eval_partition.txt"),
        ("Img/img_align_celeba", "Eval/list_eval_partition.txt"),
        ("img_align_celeba/img_align_celeba", "list_eval_partition.csv"),
    ] {
        let dir = celeba(folder, list);
        for part in Part::ALL {
            let images = Images::read(dir.path(), part, 4).unwrap();
            assert_eq!((images.len(), images.get(0)), (1, [0, 255, 0].repeat(16).as_slice()), "{folder}");
        }
    }
}

#[test]
fn celeba_is_not_parted_by_guess() {
    for folder in ["img_align_celeba", "Img/img_align_celeba", "img_align_celeba/img_align_celeba"] {
        let dir = celeba(folder, "elsewhere.txt");
        for dir in [dir.path().to_owned(), dir.path().join(folder)] {
            let error = Images::read(&dir, Part::Train, 4).unwrap_err().to_string();
            assert!(error.contains("list_eval_partition.txt"), "{error}");
        }
    }
    let dir = celeba("images", "list_eval_partition.txt");
    fs::write(dir.path().join("list_eval_partition.txt"), "000001.png 0\n000002.png\n").unwrap();
    assert!(Images::read(dir.path(), Part::Train, 4).unwrap_err().to_string().contains("'000002.png' is of no part"));
}

#[test]
fn cifar10_is_read_from_its_binary_files() {
    let dir = TempDir::new().unwrap();
    // Red rises along the row, green is 7, blue is the record's number.
    let record = |i: usize| {
        let red = (0..1024).map(|p| (p % 32) as u8);
        [vec![3], red.collect(), vec![7; 1024], vec![i as u8; 1024]].concat()
    };
    for file in 1..=5 {
        let records: Vec<u8> = (0..220).flat_map(record).collect();
        fs::write(dir.path().join(format!("data_batch_{file}.bin")), records).unwrap();
    }
    fs::write(dir.path().join("test_batch.bin"), record(9)).unwrap();
    assert_eq!(Images::read(dir.path(), Part::Train, 32).unwrap().len(), 100);
    assert_eq!(Images::read(dir.path(), Part::Validation, 32).unwrap().len(), 1000);
    let test = Images::read(dir.path(), Part::Test, 32).unwrap();
    assert_eq!(&test.get(0)[..6], [0, 7, 9, 1, 7, 9]);
}

#[test]
fn a_pack_keeps_the_upper_bits_of_every_part() {
    let (data, dir) = (pictures(), TempDir::new().unwrap());
    let read = |dir: &Path, part| Images::read(dir, part, 8).unwrap();
    for (bits, part_bytes) in [(8, 1_000_000), (5, 1)] {
        let out = dir.path().join(bits.to_string());
        let sizes = pack(data.path(), 8, bits, part_bytes, &out).unwrap();
        assert_eq!(sizes.len(), if part_bytes == 1 { 3 } else { 1 });
        for part in Part::ALL {
            let (images, packed) = (read(data.path(), part), read(&out, part));
            assert_eq!(images.len(), packed.len());
            for i in 0..images.len() {
                let upper: Vec<u8> = images.get(i).iter().map(|v| v >> (8 - bits) << (8 - bits)).collect();
                assert_eq!(packed.get(i), upper);
            }
        }
    }
    let five = dir.path().join("5");
    let config = GlowConfig { bits: 6, ..recipe(8).model };
    assert!(Images::of(&config, &five, Part::Test).unwrap_err().to_string().contains("keeps 5 bits"));
    assert!(Images::read(&five, Part::Test, 4).unwrap_err().to_string().contains("8 pixels, not 4"));
    assert!(pack(data.path(), 8, 5, 1, &five).unwrap_err().to_string().contains("there already"));
}

#[test]
fn a_pack_is_whole_or_refused() {
    let (data, dir) = (pictures(), TempDir::new().unwrap());
    let out = |name: &str| dir.path().join(name);
    let refusal = || Images::read(&out("a"), Part::Train, 8).unwrap_err().to_string();
    assert_eq!(pack(data.path(), 8, 5, 1, &out("a")).unwrap().len(), 3);
    assert_eq!(pack(data.path(), 8, 6, 1, &out("b")).unwrap().len(), 3);
    let path = out("a/1.pack");
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(refusal().contains("1.pack of 3 is missing"), "{}", refusal());
    fs::copy(out("b/1.pack"), &path).unwrap();
    assert!(refusal().contains("does not belong"), "{}", refusal());
    fs::copy(out("a/2.pack"), &path).unwrap();
    assert!(refusal().contains("does not belong"), "{}", refusal());
    for at in [whole.len() - 1, whole.len() - 20] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert!(refusal().contains("1.pack") && refusal().contains("checksum"), "{}", refusal());
    }
    fs::write(&path, whole).unwrap();
    assert_eq!(Images::read(&out("a"), Part::Train, 8).unwrap().len(), 54);
    // Whatever byte is another, the images are not.
    pack(data.path(), 8, 5, 1_000_000, &out("c")).unwrap();
    let path = out("c/0.pack");
    let (whole, images) = (fs::read(&path).unwrap(), Images::read(&out("c"), Part::Train, 8).unwrap());
    for at in 0..whole.len() {
        for bit in [1, 2, 16] {
            let mut damaged = whole.clone();
            damaged[at] ^= bit;
            fs::write(&path, damaged).unwrap();
            if let Ok(read) = Images::read(&out("c"), Part::Train, 8) {
                assert_eq!((read.len(), read.checksum(8)), (images.len(), images.checksum(8)), "byte {at}");
            }
        }
    }
}

#[test]
fn sheets_of_large_images_are_split() {
    let (data, dir) = (pictures(), TempDir::new().unwrap());
    for i in 60..80 {
        RgbImage::new(1, 1).save(data.path().join(format!("{i}.png"))).unwrap();
    }
    let out = dir.path().join("out");
    pack(data.path(), 256, 1, 1_000_000, &out).unwrap();
    assert_eq!(Images::read(&out, Part::Train, 256).unwrap().len(), 72);
}

#[test]
fn box_filter_takes_means() {
    let image = RgbImage::from_fn(4, 4, |x, y| Rgb([(x * 10) as u8, (y * 20) as u8, 100]));
    assert_eq!(box_scale(&image, 2).into_raw(), [5, 10, 100, 25, 10, 100, 5, 50, 100, 25, 50, 100]);
    let image = RgbImage::from_fn(3, 3, |x, _| Rgb([[0, 90, 30][x as usize]; 3]));
    // Two thirds of each outer pixel with one third of the middle one.
    assert_eq!(box_scale(&image, 2).get_pixel(0, 0).0, [30; 3]);
    assert_eq!(box_scale(&image, 2).get_pixel(1, 0).0, [50; 3]);
}

#[test]
fn levels_have_rates_of_their_own() {
    let device = Device::flex().autodiff();
    let x = normal([4, 8, 8, 3], 0.2, 1, &device);
    let shape = config(CouplingKind::Additive, PermutationKind::Conv1x1);
    let model = randomised(Glow::new(&shape, 1, &device).unwrap().initialise(x.clone()), 0.05, 2);
    let values = |model: &Glow, level: usize| {
        let step = &model.levels[level].steps[0];
        let coupling = &step.coupling;
        let matrices = [&coupling.conv0.weight, &coupling.conv1.weight, &coupling.conv2.weight].map(|w| host(w.val()));
        [matrices.concat(), host(step.actnorm.bias.val())].concat()
    };
    for kind in [OptimiserKind::Adamax, OptimiserKind::Adam, OptimiserKind::Muon] {
        let after = |level_learning_rates: Vec<f64>| {
            let config = TrainConfig { optimiser: kind, level_learning_rates, ..TrainConfig::default() };
            let options = StepOptions { shards: 1, ..STEP };
            train_step(model.clone(), &mut Optimiser::new(&config), x.clone(), &options).0
        };
        let (all, ones, first) = (after(vec![]), after(vec![1.0, 1.0]), after(vec![1.0, 0.0]));
        assert_eq!([values(&all, 0), values(&all, 1)], [values(&ones, 0), values(&ones, 1)], "{kind:?}");
        assert_eq!(values(&first, 0), values(&all, 0), "{kind:?}");
        assert_eq!(values(&first, 1), values(&model, 1), "{kind:?}");
        let moved = values(&all, 1).iter().zip(values(&model, 1)).filter(|(a, b)| **a != *b).count();
        assert!(moved > values(&all, 1).len() / 2, "{kind:?}: {moved}");
    }
}
