//! The models that ship.

use burn::tensor::Device;
use eyes::Finder;
use glow::attributes::{self, edit};
use glow::complexity::complexity;
use glow::config::CouplingKind;
use glow::correction::{correct, correction};
use glow::flow::FrozenGlow;
use glow::latents::{self, flatten};
use glow::pixels::{bits_per_dim, host, to_rgb, to_tensor};
use glow::weights;
use glow_native::align::{align, is_face};
use glow_native::picture::{box_scale, clean, from_bytes, open, read_image, sample};
use glow_native::train::attributes::decode;
use glow_native::train::round_trip;
use image::RgbImage;
use image::imageops::crop_imm;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

fn path(name: &str) -> String {
    format!("{}/{name}", concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn model(name: &str) -> FrozenGlow {
    let bytes = std::fs::read(path(&format!("models/{name}.safetensors"))).unwrap();
    weights::load(&bytes, &Device::flex()).unwrap().0.frozen()
}

fn faces32() -> FrozenGlow {
    model("faces32")
}

/// What the page offers.
fn models() -> impl Iterator<Item = FrozenGlow> {
    let index = std::fs::read(path("models/index.json")).unwrap();
    let index: Vec<serde_json::Value> = serde_json::from_slice(&index).unwrap();
    assert!(!index.is_empty());
    index.into_iter().map(|entry| model(entry["name"].as_str().unwrap()))
}

/// A thousand of 32x32, or as many pixels.
#[test]
fn images_come_back_identical() {
    for model in models() {
        let size = model.config().size as u32;
        let crops = crops(1000 * 32 * 32 / (size * size) as usize, size);
        let batches: Vec<Vec<u8>> = crops.chunks(50).map(<[_]>::concat).collect();
        let result = round_trip(&model, batches.iter().map(Vec::as_slice), &Device::flex());
        assert_eq!((result.images, result.changed), (crops.len(), 0));
        assert!(result.largest_error <= 1e-4, "{}", result.largest_error);
    }
}

/// Every 8-bit picture does, by what is kept beside the latents; additive flows rarely need it.
#[test]
fn pictures_unlike_any_photograph_come_back_identical() {
    for model in models() {
        let config = model.config();
        let pictures = extremes(config.size);
        let mut corrected = 0;
        for rgb in &pictures {
            let encoded = host(flatten(model.forward(to_tensor(rgb, config.size, &Device::flex())).latents));
            let encoded: Vec<f32> = encoded.into_iter().map(latents::finite).collect();
            let encoded = latents::unflatten(&encoded, config, &Device::flex());
            let missing = correction(rgb, &to_rgb(&host(model.inverse(&encoded))));
            corrected += usize::from(!missing.is_empty());
            let file = latents::save(&encoded, &missing, config);
            let (read, missing) = latents::load(&file, config, &Device::flex()).unwrap();
            let mut back = to_rgb(&host(model.inverse(&read)));
            correct(&mut back, &missing);
            assert!(back == *rgb, "{config:?}");
        }
        println!("{:?}: {corrected} of {} need a correction", config.coupling, pictures.len());
        match config.coupling {
            CouplingKind::Additive => assert!(corrected <= pictures.len() / 10),
            CouplingKind::Affine => assert!(corrected > 0, "the correction is tried"),
        }
    }
}

/// One colour, all of them at full contrast in boards, stripes, lines and dots, and noise.
fn extremes(size: usize) -> Vec<Vec<u8>> {
    let picture = |value: &mut dyn FnMut(usize, usize, usize) -> u8| -> Vec<u8> {
        let places = (0..size * size * 3).map(|i| (i / 3 % size, i / 3 / size, i % 3));
        places.map(|(x, y, channel)| value(x, y, channel)).collect()
    };
    let white = |bright: bool| 255 * u8::from(bright);
    let mut pictures = Vec::new();
    for colour in 0..8 {
        let is = |channel| white(colour >> channel & 1 == 1);
        pictures.push(picture(&mut |_, _, channel| is(channel)));
        for width in [1, 2, 4] {
            pictures.push(picture(&mut |x, y, channel| is(channel) ^ white((x / width + y / width) % 2 == 1)));
        }
        pictures.push(picture(&mut |x, _, channel| is(channel) ^ white(x % 2 == 1)));
        pictures.push(picture(&mut |_, y, channel| is(channel) ^ white(y % 2 == 1)));
        pictures.push(picture(&mut |x, _, channel| is(channel) ^ white(x == size / 2)));
        pictures.push(picture(&mut |x, y, channel| is(channel) ^ white((x, y) == (size / 2, size / 3))));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..4 {
        pictures.push(picture(&mut |_, _, _| rng.next_u32() as u8));
        pictures.push(picture(&mut |_, _, _| white(rng.next_u32() & 1 == 1)));
    }
    pictures
}

/// Random squares of the portraits.
fn crops(count: usize, size: u32) -> Vec<Vec<u8>> {
    let portraits =
        ["astronaut.png", "chelsea.png"].map(|name| image::open(path("tests/portraits/") + name).unwrap().into_rgb8());
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut below = |n: u32| rng.next_u32() % n;
    (0..count)
        .map(|i| {
            let portrait = &portraits[i % 2];
            let side = size + below(portrait.height() - size);
            let (x, y) = (below(portrait.width() - side + 1), below(portrait.height() - side + 1));
            box_scale(&crop_imm(portrait, x, y, side, side).to_image(), size as usize).into_raw()
        })
        .collect()
}

#[test]
fn attributes_change_faces() {
    let (model, bytes) = (faces32(), std::fs::read(path("models/faces32.attributes.safetensors")).unwrap());
    assert!(bytes.len() <= 1_000_000);
    let directions = attributes::load(&bytes, model.config()).unwrap();
    assert_eq!(directions.len(), 12);
    let blond = directions.iter().find(|direction| direction.name == "Blond_Hair").unwrap();
    let blond = std::slice::from_ref(blond);
    let z = host(flatten(latents::draw(model.config(), None, 1, 0, 4, &[0.7; 3], &Device::flex())));
    let hair = |strength: f32| {
        let edited: Vec<f32> = z.chunks(3072).flat_map(|z| edit(z, blond, &[strength])).collect();
        let rgb = decode(&model, &edited, &Device::flex());
        // The upper rows.
        rgb.chunks(3072).flat_map(|face| &face[..8 * 32 * 3]).map(|v| f64::from(*v)).sum::<f64>() / (4.0 * 768.0)
    };
    assert!(hair(1.0) > hair(0.0) + 10.0 && hair(0.0) > hair(-1.0) + 5.0, "{} {} {}", hair(-1.0), hair(0.0), hair(1.0));
}

/// What is cleaned is more probable, and still the same face: no value moves by more than a few bins.
#[test]
fn cleaning_takes_the_grain() {
    for model in models().filter(|model| model.config().bits == 5) {
        let config = model.config();
        let samples = sample(&model, 1, 4, &vec![0.7; config.levels]);
        let bits = |images: &[image::RgbImage]| {
            let rgb: Vec<u8> = images.iter().flat_map(|image| image.as_raw().clone()).collect();
            let log_p = host(model.forward(to_tensor(&rgb, config.size, &Device::flex())).log_p());
            log_p.iter().map(|log_p| bits_per_dim(f64::from(*log_p), config)).sum::<f64>() / images.len() as f64
        };
        let cleaned = clean(&model, &samples);
        assert!(bits(&cleaned) < bits(&samples) - 0.3, "{} {}", bits(&samples), bits(&cleaned));
        let difference = |(a, b): (&image::RgbImage, &image::RgbImage)| {
            let difference: f64 = a.iter().zip(b.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
            difference / a.len() as f64
        };
        let mean = samples.iter().zip(&cleaned).map(difference).sum::<f64>() / 4.0;
        assert!((0.5..8.0).contains(&mean), "{mean} of 255");
    }
}

#[test]
fn samples_are_faces() {
    let finder = Finder::default();
    let gradient = image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([(8 * x) as u8, (8 * y) as u8, 128]));
    assert!(!is_face(&finder, &gradient));
    for model in models().filter(|model| model.config().bits == 5) {
        let samples = sample(&model, 1, 16, &vec![0.7; model.config().levels]);
        let faces = samples.iter().filter(|image| is_face(&finder, image)).count();
        assert!(faces >= 12, "{faces} of 16, {:?}", model.config());
        let different = samples.windows(2).all(|pair| {
            let difference: u64 = pair[0].iter().zip(pair[1].iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            difference > 10 * pair[0].len() as u64
        });
        assert!(different);
    }
}

/// By bits/dim alone, some faces cost more than the cat.
#[test]
fn a_cat_surprises_for_how_busy_it_is() {
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(path("models/index.json")).unwrap()).unwrap();
    let known = &index.as_array().unwrap().iter().find(|entry| entry["name"] == "faces32").unwrap()["excess"];
    let model = faces32();
    let config = model.config();
    let excess = |rgb: &[u8]| {
        let log_p = host(model.forward(to_tensor(rgb, 32, &Device::flex())).log_p())[0];
        bits_per_dim(f64::from(log_p), config) - complexity(rgb, config)
    };
    let cat = excess(&read_image(path("tests/portraits/chelsea.png").as_ref(), 32).unwrap());
    let face = excess(&align(&open(path("tests/portraits/astronaut.png").as_ref()).unwrap(), 32).unwrap());
    let [p10, p90, p99] = ["p10", "p90", "p99"].map(|percentile| known[percentile].as_f64().unwrap());
    assert!(cat > p90.midpoint(p99), "the cat: {cat}; {known}");
    assert!((p10..p90).contains(&face), "the face: {face}; {known}");
}

/// Of faces64 not every draw becomes a face; a browser takes the same.
#[test]
fn the_browsers_faces_of_the_first_model_are_these() {
    let file = path("tests/native/faces64.safetensors");
    let model = model("faces64");
    assert!(model.acceptance.is_some());
    let faces: Vec<u8> = sample(&model, 1, 4, &[0.9; 4]).into_iter().flat_map(RgbImage::into_raw).collect();
    if std::env::var_os("GLOW_WRITE").is_some() {
        let tensor = TensorView::new(Dtype::U8, vec![4, 64, 64, 3], &faces).unwrap();
        std::fs::write(&file, serialize([("faces", tensor)], None).unwrap()).unwrap();
    }
    let bytes = std::fs::read(&file).unwrap();
    let known = SafeTensors::deserialize(&bytes).unwrap();
    assert!(faces.iter().zip(known.tensor("faces").unwrap().data()).all(|(a, b)| a.abs_diff(*b) <= 1));
}

/// What this program computes, for the browser's tests to compare with. `GLOW_WRITE=1` writes it anew.
#[test]
fn the_browsers_numbers_are_these() {
    let file = path("tests/native/faces32.safetensors");
    let model = faces32();
    let config = model.config();
    let faces: Vec<u8> = sample(&model, 1, 4, &[0.7; 3]).into_iter().flat_map(RgbImage::into_raw).collect();
    let drawn: Vec<_> = faces.chunks(config.dims()).map(|face| from_bytes(face, 32)).collect();
    let cleaned: Vec<u8> = clean(&model, &drawn).into_iter().flat_map(RgbImage::into_raw).collect();
    let photo = read_image(path("tests/portraits/astronaut.png").as_ref(), 32).unwrap().into_raw();
    let encoding = model.forward(to_tensor(&photo, 32, &Device::flex()));
    let bits = bits_per_dim(f64::from(host(encoding.log_p())[0]), config);
    let latents = host(flatten(encoding.latents));
    if std::env::var_os("GLOW_WRITE").is_some() {
        let f32s = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let (latents, bits) = (f32s(&latents), f32s(&[bits as f32]));
        let tensors = [
            ("faces", TensorView::new(Dtype::U8, vec![4, 32, 32, 3], &faces).unwrap()),
            ("cleaned", TensorView::new(Dtype::U8, vec![4, 32, 32, 3], &cleaned).unwrap()),
            ("photo", TensorView::new(Dtype::U8, vec![1, 32, 32, 3], &photo).unwrap()),
            ("latents", TensorView::new(Dtype::F32, vec![1, 3072], &latents).unwrap()),
            ("bits_per_dim", TensorView::new(Dtype::F32, vec![1], &bits).unwrap()),
        ];
        std::fs::write(&file, serialize(tensors, None).unwrap()).unwrap();
    }
    let bytes = std::fs::read(&file).unwrap();
    let known = SafeTensors::deserialize(&bytes).unwrap();
    let known = |name: &str| known.tensor(name).unwrap().data().to_vec();
    let f32s = |bytes: Vec<u8>| bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect::<Vec<f32>>();
    assert_eq!(photo, known("photo"));
    assert!(faces.iter().zip(known("faces")).all(|(a, b)| a.abs_diff(b) <= 1));
    assert!(cleaned.iter().zip(known("cleaned")).all(|(a, b)| a.abs_diff(b) <= 1));
    assert!(latents.iter().zip(f32s(known("latents"))).all(|(a, b)| (a - b).abs() <= 1e-3));
    assert!((bits as f32 - f32s(known("bits_per_dim"))[0]).abs() <= 1e-4);
}
