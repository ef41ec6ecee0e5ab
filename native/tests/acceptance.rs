//! Which draws become pictures.

mod common;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use common::{config, normal, randomised};
use glow::acceptance::{Acceptance, Dense, MOST};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::latents;
use glow::pixels::host;
use glow::tensor_file::Precision;
use glow::weights::{Facts, load, save};
use glow_native::train::acceptance::{Effort, Graded, learn, read_grades};

fn small() -> GlowConfig {
    config(CouplingKind::Additive, PermutationKind::Conv1x1)
}

/// Latents of the coarsest level.
fn coarsest(config: &GlowConfig) -> usize {
    config.latent_shapes()[config.levels - 1].iter().product()
}

/// Takes draws whose first latents have a mean below `threshold`.
fn by_mean(latents: usize, first: usize, threshold: f32) -> Acceptance {
    let weight = (0..latents).map(|i| if i < first { 1.0 / first as f32 } else { 0.0 }).collect();
    Acceptance::new(vec![Dense { weight, bias: vec![-threshold] }], latents).unwrap()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

fn draw(config: &GlowConfig, acceptance: Option<&Acceptance>, temperature: f32) -> [Vec<f32>; 2] {
    let drawn = latents::draw(config, acceptance, 5, 3, 100, &[1.0, temperature], &Device::flex());
    [0, 1].map(|level| host(drawn[level].clone()))
}

#[test]
fn a_network_is_dense_layers_with_relu_between() {
    let layers = vec![
        Dense { weight: vec![1.0, -1.0, 2.0, -2.0], bias: vec![0.5, 0.25] },
        Dense { weight: vec![3.0, 5.0], bias: vec![-1.0] },
    ];
    let network = Acceptance::new(layers, 2).unwrap();
    // 1 + 2 * 1.5 + 0.5 = 4.5 and -3.75, of which nothing is left.
    assert_eq!(network.score(&[1.0, 1.5]), 12.5);
    assert_eq!(network.score(&[-1.0, -1.5]), 5.0 * 4.25 - 1.0);
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    let dense = |inputs: usize, outputs: usize| Dense { weight: vec![0.0; inputs * outputs], bias: vec![0.0; outputs] };
    assert!(Acceptance::new(vec![dense(6, 4), dense(4, 1)], 6).is_ok());
    for layers in [vec![], vec![dense(6, 2)], vec![dense(5, 1)], vec![dense(6, 4), dense(3, 1)], vec![dense(6, 0)]] {
        assert!(Acceptance::new(layers.clone(), 6).is_err(), "{layers:?}");
    }
}

#[test]
fn draws_are_taken_of_the_coarsest_level_alone() {
    let config = small();
    let n = coarsest(&config);
    let taken = by_mean(n, n, 0.0);
    let [[fine, all], [fine_too, some]] = [None, Some(&taken)].map(|acceptance| draw(&config, acceptance, 1.0));
    assert_eq!(fine, fine_too);
    let mut changed = 0;
    for (all, some) in all.chunks(n).zip(some.chunks(n)) {
        assert!(taken.score(some) < 0.0);
        assert_eq!(all == some, taken.score(all) < 0.0, "only those that are not taken are drawn anew");
        changed += usize::from(all != some);
    }
    assert!((30..70).contains(&changed), "{changed} of 100");
}

#[test]
fn a_temperature_changes_no_face_for_another() {
    let config = small();
    let n = coarsest(&config);
    let taken = by_mean(n, n, 0.0);
    let [_, warm] = draw(&config, Some(&taken), 1.0);
    let [_, cool] = draw(&config, Some(&taken), 0.5);
    assert_eq!(cool, warm.iter().map(|eps| 0.5 * eps).collect::<Vec<_>>());
}

#[test]
fn where_none_is_taken_it_comes_to_an_end() {
    let config = small();
    let n = coarsest(&config);
    let [_, none] = draw(&config, Some(&by_mean(n, n, -100.0)), 1.0);
    let [_, all] = draw(&config, None, 1.0);
    assert_ne!(none, all);
    // What no number is takes none, either.
    let unknown = Acceptance::new(vec![Dense { weight: vec![f32::NAN; n], bias: vec![0.0] }], n).unwrap();
    assert_eq!(draw(&config, Some(&unknown), 1.0)[1], none, "the last of {MOST}");
}

#[test]
fn it_is_part_of_a_weights_file() {
    let config = small();
    let n = coarsest(&config);
    let mut model = Glow::new(&config, 1, &Device::flex()).unwrap();
    model.initialised = true;
    let plain = save(&model, Facts::default(), Precision::F16);
    assert_eq!(load(&plain, &Device::flex()).unwrap().0.acceptance, None);
    model.acceptance = Some(by_mean(n, n / 2, 0.25));
    let (read, _) = load(&save(&model, Facts::default(), Precision::F32), &Device::flex()).unwrap();
    assert_eq!(read.acceptance, model.acceptance);
    assert_eq!(read.frozen().acceptance, model.acceptance);

    let mut tensors = model.acceptance.unwrap().tensors();
    tensors.remove("acceptance.0.bias");
    assert!(Acceptance::from_tensors(&mut tensors, n).unwrap_err().to_string().contains("acceptance.0.bias"));
    assert_eq!(Acceptance::from_tensors(&mut BTreeMap::new(), n).unwrap(), None);
}

/// A model whose coarsest level mixes its latents, and grades by one of its activations.
#[test]
fn what_is_graded_better_is_drawn_more_often() {
    let config = small();
    let device = Device::flex();
    let model = Glow::new(&config, 1, &device).unwrap().initialise(normal([8, 8, 8, 3], 0.3, 1, &device));
    let flow = randomised(model, 0.05, 1).frozen();
    let n = coarsest(&config);
    let grade = |eps: &[f32]| {
        let [h, w, c] = config.latent_shapes()[1];
        let eps = Tensor::<1>::from_floats(eps, &device).reshape([1, h, w, c]);
        let steps = flow.levels[1].steps.iter().rev();
        let x = host(steps.fold(flow.top.inverse(eps), |x, step| step.inverse(x)));
        x[0].abs() + x[1]
    };
    let drawn = latents::draw(&config, None, 7, 0, 2000, &[1.0; 2], &device);
    let eps = host(drawn[1].clone());
    let grades: Vec<f32> = eps.chunks(n).map(grade).collect();
    let graded: Vec<_> =
        grades.iter().enumerate().map(|(index, grade)| Graded { seed: 7, index, grade: *grade }).collect();
    let learned = learn(&flow, &graded, 1.0, 0.25, Effort { teacher: 300, acceptance: 200 }).unwrap();
    assert!(learned.teacher > 0.7 && learned.student > 0.7, "{} {}", learned.teacher, learned.student);

    let new = host(latents::draw(&config, None, 8, 0, 2000, &[1.0; 2], &device)[1].clone());
    let taken: Vec<&[f32]> = new.chunks(n).filter(|eps| learned.acceptance.score(eps) < 0.0).collect();
    assert!((400..600).contains(&taken.len()), "{} of 2000", taken.len());
    let better = mean(&taken.into_iter().map(grade).collect::<Vec<_>>());
    let deviation = (grades.iter().map(|g| (g - mean(&grades)).powi(2)).sum::<f32>() / 2000.0).sqrt();
    assert!(better < mean(&grades) - 0.7 * deviation, "{better} of {} with a deviation of {deviation}", mean(&grades));
}

#[test]
fn grades_are_lines_of_three_numbers() {
    let read = read_grades("7,0,1.5\n\n 8, 12 ,-0.25\n").unwrap();
    assert_eq!(read, [Graded { seed: 7, index: 0, grade: 1.5 }, Graded { seed: 8, index: 12, grade: -0.25 }]);
    for line in ["7,0", "7,0,1,2", "a,0,1", "7,-1,1", "7,0,inf", "7,0,NaN"] {
        assert!(read_grades(line).unwrap_err().to_string().contains(line));
    }
    let few = [Graded { seed: 1, index: 0, grade: 0.0 }; 3];
    let flow = Glow::new(&small(), 1, &Device::flex()).unwrap().frozen();
    assert!(learn(&flow, &few, 1.0, 0.2, Effort { teacher: 1, acceptance: 1 }).is_err());
}
