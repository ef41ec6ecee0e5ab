//! Weights files: what is written is read, and nothing else is.

mod common;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use common::{config, configs, largest, normal, randomised};
use glow::config::{CouplingKind, PermutationKind};
use glow::flow::Glow;
use glow::latents;
use glow::pixels::host;
use glow::tensor_file::Precision;
use glow::tensor_stream::TensorStream;
use glow::weights::{Facts, finish, load, read_header, save};
use half::f16;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn model() -> Glow {
    let config = config(CouplingKind::Affine, PermutationKind::Conv1x1);
    let model = Glow::new(&config, 1, &Device::flex()).unwrap();
    randomised(model.initialise(normal([4, 8, 8, 3], 0.3, 1, &Device::flex())), 0.05, 1)
}

/// log p of a fixed image: differs where any weight differs.
fn log_p(model: &Glow) -> f32 {
    host(model.frozen().forward(normal([1, 8, 8, 3], 0.3, 2, &Device::flex())).log_p())[0]
}

/// Every parameter, one after the other.
fn parameters(model: &Glow) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(host(param.val()));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

#[test]
fn what_is_written_is_read() {
    let facts = Facts { data: "noise".into(), images_seen: 7, ..Facts::default() };
    for config in configs() {
        let model = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 1);
        let whole = parameters(&model);
        let halves = whole.iter().map(|value| f16::from_f32(*value).to_f32()).collect();
        for (precision, expected) in [(Precision::F32, whole), (Precision::F16, halves)] {
            let (read, header) = load(&save(&model, facts.clone(), precision), &Device::flex()).unwrap();
            assert!(parameters(&read) == expected, "{precision:?} {config:?}");
            assert_eq!((&header.config, &header.facts), (&config, &facts));
            assert!(!read.initialised);
        }
    }
}

#[test]
fn a_loaded_model_is_not_initialised_again() {
    let (read, _) = load(&save(&model(), Facts::default(), Precision::F32), &Device::flex()).unwrap();
    let read = read.initialise(normal([4, 8, 8, 3], 9.0, 3, &Device::flex()));
    assert_eq!(log_p(&read), log_p(&model()));
}

/// Reads a file that comes in parts of so many bytes, with empty ones between them.
fn in_parts(file: &[u8], length: usize) -> glow::error::Result<Glow> {
    let mut stream = TensorStream::default();
    for part in file.chunks(length) {
        stream.push(part);
        stream.push(&[]);
    }
    finish(stream, &Device::flex()).map(|(model, _)| model)
}

#[test]
fn in_parts_a_file_is_the_same() {
    for precision in [Precision::F16, Precision::F32] {
        let file = save(&model(), Facts::default(), precision);
        let whole = parameters(&load(&file, &Device::flex()).unwrap().0);
        for length in [1, 2, 7, 8, 9, 1000, file.len() - 1, file.len()] {
            assert!(parameters(&in_parts(&file, length).unwrap()) == whole, "{precision:?}, parts of {length}");
        }
    }
}

#[test]
fn mutilated_files_are_refused() {
    let whole = save(&model(), Facts::default(), Precision::F16);
    let header_length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize + 8;
    let expected = log_p(&load(&whole, &Device::flex()).unwrap().0);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut refused = 0;
    for case in 0..400 {
        let mut bytes = whole.clone();
        let at = rng.next_u64() as usize;
        match case % 4 {
            // Truncated.
            0 => bytes.truncate(at % whole.len()),
            // A byte of the weights changed.
            1 => bytes[header_length + at % (whole.len() - header_length)] ^= 1 << (at % 8),
            // A byte of the header changed.
            2 => bytes[at % header_length] = (at >> 32) as u8,
            // A piece lost.
            _ => drop(bytes.drain(at % whole.len()..(at % whole.len() + 40).min(whole.len()))),
        }
        match load(&bytes, &Device::flex()) {
            Err(error) => {
                let message = error.to_string();
                assert_eq!(in_parts(&bytes, 1 + case / 4).unwrap_err().to_string(), message);
                assert!(message.len() > 20 && message.contains(' '), "{message}");
                refused += 1;
            }
            // A header can be changed without harm, as in a training fact; the model is the same then.
            Ok((model, _)) => {
                assert_eq!(case % 4, 2);
                assert_eq!(log_p(&model), expected);
                assert_eq!(log_p(&in_parts(&bytes, 1 + case / 4).unwrap()), expected);
            }
        }
    }
    assert!(refused >= 350, "{refused}");
}

#[test]
fn foreign_files_are_refused() {
    let longer = [save(&model(), Facts::default(), Precision::F16), vec![0]].concat();
    assert!(refusal(&longer).contains("behind its end"));
    assert!(refusal(&longer[..longer.len() - 2]).contains("cut off"));
    for bytes in [&b""[..], b"GIF89a", &[0xff; 100], &[0; 100]] {
        assert!(load(bytes, &Device::flex()).is_err());
    }
    let image = vec![0_u8; 4];
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &image).unwrap();
    let other = safetensors::serialize([("a", view)], None).unwrap();
    assert!(load(&other, &Device::flex()).unwrap_err().to_string().contains("without the 'glow'"));
}

/// Rewrites the header.
fn with_header(from: &str, to: &str) -> Vec<u8> {
    let file = save(&model(), Facts::default(), Precision::F32);
    let (length, rest) = file.split_at(8);
    let (header, values) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
    let other = str::from_utf8(header).unwrap().replacen(from, to, 1);
    assert_ne!(other.as_bytes(), header);
    [&(other.len() as u64).to_le_bytes(), other.as_bytes(), values].concat()
}

fn refusal(bytes: &[u8]) -> String {
    load(bytes, &Device::flex()).unwrap_err().to_string()
}

#[test]
fn newer_and_impossible_files_are_refused() {
    let newer = with_header(r#"{\"format\":1,"#, r#"{\"format\":2,"#);
    assert!(refusal(&newer).contains("update the program"));
    assert!(read_header(&newer).is_err());
    let huge = with_header(
        r#"\"size\":8,\"levels\":2,\"steps\":2,\"width\":8"#,
        r#"\"size\":8,\"levels\":2,\"steps\":9,\"width\":8"#,
    );
    assert!(refusal(&huge).contains("missing"));
    let huger = with_header(r#"\"width\":8"#, r#"\"width\":4096"#);
    assert!(refusal(&huger).contains("too small"), "{}", refusal(&huger));
    let odd = with_header(r#"\"size\":8"#, r#"\"size\":7"#);
    assert!(refusal(&odd).contains("multiple"));
}

#[test]
fn values_that_are_not_finite_are_refused() {
    use burn::module::ModuleMapper;
    struct Poison(f32);
    impl ModuleMapper for Poison {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|value| value * self.0)
        }
    }
    for poison in [f32::NAN, f32::INFINITY] {
        let model = model().map(&mut Poison(poison));
        assert!(refusal(&save(&model, Facts::default(), Precision::F16)).contains("not finite"));
    }
}

#[test]
fn latents_are_read_by_the_model_that_made_them() {
    let config = config(CouplingKind::Affine, PermutationKind::Conv1x1);
    let eps = latents::draw(&config, None, 3, 0, 2, &[0.7, 0.5], &Device::flex());
    let missing: Vec<i16> = (0..2 * config.dims() as i16).map(|i| i % 511 - 255).collect();
    for correction in [vec![], missing] {
        let file = latents::save(&eps, &correction, &config);
        let (read, read_correction) = latents::load(&file, &config, &Device::flex()).unwrap();
        for (read, eps) in read.into_iter().zip(eps.clone()) {
            assert_eq!(largest(read - eps), 0.0);
        }
        assert_eq!(read_correction, correction);
    }
    let file = latents::save(&eps, &[], &config);
    let other = common::config(CouplingKind::Additive, PermutationKind::Conv1x1);
    assert!(latents::load(&file, &other, &Device::flex()).is_err());
    assert!(latents::load(&file[..file.len() - 1], &config, &Device::flex()).is_err());
}

#[test]
fn draws_do_not_depend_on_the_batch() {
    let config = config(CouplingKind::Affine, PermutationKind::Conv1x1);
    let draw = |first, count| latents::draw(&config, None, 5, first, count, &[1.0, 0.5], &Device::flex());
    for (all, (head, tail)) in draw(0, 5).into_iter().zip(draw(0, 2).into_iter().zip(draw(2, 3))) {
        assert_eq!(host(all), [host(head), host(tail)].concat());
    }
    // Standard normal times the temperature.
    let fine = host(draw(0, 400)[1].clone());
    let mean = fine.iter().sum::<f32>() / fine.len() as f32;
    let std = (fine.iter().map(|v| v * v).sum::<f32>() / fine.len() as f32).sqrt();
    assert!(mean.abs() < 0.01 && (std - 0.5).abs() < 0.01, "{mean} {std}");
}
