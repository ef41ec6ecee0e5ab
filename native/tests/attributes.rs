//! Directions of attributes: found where they are, kept in a file.

mod common;

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use common::normal;
use glow::attributes::{Direction, edit, load, save};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow_native::train::attributes::{Method, decode, find, measure};
use image::{Rgb, RgbImage};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tempfile::TempDir;

fn config() -> GlowConfig {
    GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 16.into(),
        bits: 5,
        coupling: CouplingKind::Additive,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    }
}

/// Noise; what is bright has the first attribute. Nine of ten bright ones are red and male, one of ten dark ones.
fn pictures() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("images")).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut labels, mut parts) = ("240\nSmiling Male Young\n".to_owned(), String::new());
    for i in 0..240 {
        let bright = i % 2 == 0;
        let male = (i / 2 % 10 == 0) != bright;
        let mut noise = || (rng.next_u32() % 40) as u8;
        let image = RgbImage::from_fn(8, 8, |_, _| {
            let base = if bright { 150 } else { 60 };
            Rgb([base + noise() + if male { 50 } else { 0 }, base + noise(), base + noise()])
        });
        image.save(dir.path().join(format!("images/{i}.png"))).unwrap();
        let label = |is| if is { 1 } else { -1 };
        labels += &format!("{i}.png {} {} {}\n", label(bright), label(male), label(i % 4 < 2));
        parts += &format!("{i}.png {}\n", if i < 200 { 0 } else { 2 });
    }
    fs::write(dir.path().join("list_attr.txt"), labels).unwrap();
    fs::write(dir.path().join("list_eval_partition.txt"), parts).unwrap();
    dir
}

#[test]
fn a_direction_changes_its_attribute_and_no_other() {
    let (dir, device) = (pictures(), Device::flex());
    let first = normal([32, 8, 8, 3], 0.3, 1, &device);
    let model = Glow::new(&config(), 1, &device).unwrap().initialise(first).frozen();
    let names = ["Smiling", "Male"].map(str::to_owned);
    let by = |method| {
        let found = find(&model, dir.path(), &names, method, &device).unwrap();
        let measured = measure(&model, dir.path(), &found, &device).unwrap();
        // From grey, so little that no value ends at white.
        let some = edit(&[0.0; 192], &[found[0].direction.clone()], &[0.2]);
        let rgb = decode(&model, &some, &device);
        let mean = |channel: usize| rgb.chunks(3).map(|pixel| f64::from(pixel[channel])).sum::<f64>() / 64.0;
        (measured, mean(0) - mean(1), mean(1))
    };
    let (means, redder, _) = by(Method::Means);
    let (balanced, balanced_redder, bright) = by(Method::Balanced);
    for smiling in [&means[0], &balanced[0]] {
        assert!(smiling.accuracy > Some(0.95) && smiling.without == 20, "{:?} {}", smiling.accuracy, smiling.without);
        assert!(smiling.flipped > Some(0.95), "{:?}", smiling.flipped);
    }
    assert!(bright > 140.0, "grey without it is 128: {bright}");
    assert!(redder > 5.0 && balanced_redder.abs() < 0.5 * redder, "{redder} {balanced_redder}");
    assert!(balanced[0].male.is_some() && balanced[0].male <= means[0].male);
    let unknown = find(&model, dir.path(), &["Wings".to_owned()], Method::Means, &device);
    assert!(unknown.err().unwrap().to_string().contains("Smiling, Male, Young"));
}

/// Rewrites every label: its file's number, its labels.
fn relabel(dir: &Path, f: impl Fn(usize, [i8; 3]) -> [i8; 3]) {
    let path = dir.join("list_attr.txt");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    for (i, line) in lines[2..].iter_mut().enumerate() {
        let labels: Vec<i8> = line.split(' ').skip(1).map(|label| label.parse().unwrap()).collect();
        *line = format!("{i}.png {}", f(i, labels.try_into().unwrap()).map(|label| label.to_string()).join(" "));
    }
    fs::write(path, lines.join("\n") + "\n\n").unwrap();
}

#[test]
fn attributes_of_nobody_are_refused() {
    let device = Device::flex();
    let model = Glow::new(&config(), 1, &device).unwrap().frozen();
    let find = |dir: &Path, method| {
        find(&model, dir, &["Smiling".to_owned()], method, &device).map(|found| found.len()).map_err(|e| e.to_string())
    };
    let dir = pictures();
    relabel(dir.path(), |_, [_, male, young]| [-1, male, young]);
    let error = find(dir.path(), Method::Balanced).unwrap_err();
    assert!(error.contains("'Smiling'") && error.contains("0 have it, 200 do not"), "{error}");
    // Everyone who smiles is a man.
    relabel(dir.path(), |i, [_, _, young]| if i % 2 == 0 { [1, 1, young] } else { [-1, -1, young] });
    assert!(find(dir.path(), Method::Balanced).unwrap_err().contains("goes along with Male and Young"));
    assert_eq!(find(dir.path(), Method::Means), Ok(1));
    fs::remove_dir_all(dir.path().join("images")).unwrap();
    let error = find(dir.path(), Method::Means).unwrap_err();
    assert!(error.contains("0 have it, 0 do not, and 200 could not be read"), "{error}");
}

#[test]
fn shares_of_no_photograph_are_none() {
    let (dir, device) = (pictures(), Device::flex());
    let model = Glow::new(&config(), 1, &device).unwrap().frozen();
    let found = find(&model, dir.path(), &["Smiling".to_owned()], Method::Means, &device).unwrap();
    let measured = &measure(&model, dir.path(), &found, &device).unwrap()[0];
    assert!(measured.accuracy.is_some() && measured.male.is_none(), "Male was not asked for");
    relabel(dir.path(), |i, labels| if i < 200 { labels } else { [1; 3] });
    assert!(measure(&model, dir.path(), &found, &device).unwrap()[0].accuracy.is_none(), "nobody is without it");
    (200..240).for_each(|i| fs::remove_file(dir.path().join(format!("images/{i}.png"))).unwrap());
    let measured = &measure(&model, dir.path(), &found, &device).unwrap()[0];
    assert!(measured.without == 0 && measured.flipped.is_none());
}

#[test]
fn kaggles_labels_are_those_of_the_authors() {
    let (dir, device) = (pictures(), Device::flex());
    let model = Glow::new(&config(), 1, &device).unwrap().frozen();
    let find = |dir: &Path| {
        let found = find(&model, dir, &["Smiling".to_owned()], Method::Balanced, &device).unwrap();
        found.into_iter().map(|attribute| attribute.direction).collect::<Vec<_>>()
    };
    let (expected, path) = (find(dir.path()), |name: &str| dir.path().join(name));
    fs::create_dir(path("Anno")).unwrap();
    let mut last = path("list_attr.txt");
    for name in ["list_attr_celeba.txt", "Anno/list_attr_celeba.txt", "list_attr.txt"] {
        fs::rename(last, path(name)).unwrap();
        assert_eq!(find(dir.path()), expected, "{name}");
        last = path(name);
    }
    let csv = |name: &str, header: &str| {
        let text = fs::read_to_string(path(&format!("{name}.txt"))).unwrap();
        let lines = text.lines().filter(|line| line.contains(".png")).map(|line| line.replace(' ', ",") + "\n");
        fs::write(
            path(&format!("{}.csv", name.replace("attr", "attr_celeba"))),
            header.to_owned() + &lines.collect::<String>(),
        )
        .unwrap();
        fs::remove_file(path(&format!("{name}.txt"))).unwrap();
    };
    csv("list_attr", "image_id,Smiling,Male,Young\n");
    csv("list_eval_partition", "image_id,partition\n");
    assert_eq!(find(dir.path()), expected);
}

#[test]
fn edits_add_up_and_none_changes_nothing() {
    let direction = |value| Direction { name: String::new(), values: vec![value; 3] };
    let directions = [direction(1.0), direction(10.0)];
    let z = [0.1, -0.2, 0.3];
    assert_eq!(edit(&z, &directions, &[0.0, 0.0]), z);
    assert_eq!(edit(&z, &directions, &[1.0, -0.5]), z.map(|z| z + 1.0 - 5.0));
}

#[test]
fn directions_come_back_from_their_file() {
    let direction = |name: &str, value| Direction { name: name.to_owned(), values: vec![value; 192] };
    let directions = vec![direction("Young", 0.5), direction("Male", -2.0)];
    let bytes = save(directions.clone(), &config());
    assert_eq!(load(&bytes, &config()).unwrap(), directions);
    let other = GlowConfig { width: 8.into(), ..config() };
    assert!(load(&bytes, &other).unwrap_err().to_string().contains("another configuration"));
    assert!(load(&bytes[..50], &config()).is_err());
}
