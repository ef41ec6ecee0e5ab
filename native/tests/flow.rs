//! The flow's laws: every layer is the inverse of its inverse, every log-determinant is that of the Jacobian.

mod common;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use common::{config, configs, largest, log_abs_det, normal, randomised};
use glow::config::{ByLevel, CouplingKind, GlowConfig, PRESETS, PermutationKind};
use glow::flow::{
    Actnorm, Coupling, Dequantiser, Glow, Held, Init, Permutation, Prior, Split, Step, squeeze, standard_normal,
    unsqueeze,
};
use glow::ops::halves;
use glow::pixels::{bits_map, bits_per_dim, host, to_rgb};
use glow::{latents, trajectory};
use proptest::collection::vec;
use proptest::prelude::*;

const TOLERANCE: f32 = 1e-4;

fn init() -> Init {
    Init::random(7)
}

/// Checks a layer with random weights on random input: its inverse, and its log-determinant against the Jacobian.
fn check_layer<M: Module>(
    layer: M,
    forward: impl Fn(&M, Tensor<4>) -> (Tensor<4>, Tensor<4>),
    inverse: impl Fn(&M, Tensor<4>) -> Tensor<4>,
) {
    for seed in 0..3 {
        let layer = randomised(layer.clone(), 0.3, seed);
        let x = normal([1, 2, 2, 8], 1.0, seed, &Device::flex());
        let (y, log_det) = forward(&layer, x.clone());
        assert!(largest(y.clone() - x.clone()) > 0.1, "the layer does something");
        assert!(largest(inverse(&layer, y) - x.clone()) <= TOLERANCE, "inverse");
        let expected = log_abs_det(&x, |x| vec![forward(&layer, x).0]);
        let actual = f64::from(host(log_det.expand([1, 2, 2, 1]).sum())[0]);
        assert!((actual - expected).abs() <= 1e-4 * expected.abs().max(1.0), "log det {actual}, Jacobian {expected}");
    }
}

#[test]
fn actnorm() {
    check_layer(Actnorm::new(8, &Device::flex()), Actnorm::forward, Actnorm::inverse);
}

#[test]
fn permutations() {
    use PermutationKind::*;
    for kind in [Reverse, Shuffle, Conv1x1] {
        let layer = Permutation::new(kind, 8, &mut init(), &Device::flex());
        check_layer(layer, Permutation::forward, Permutation::inverse);
    }
}

#[test]
fn a_new_1x1_convolution_is_a_rotation() {
    let weight = Permutation::new(PermutationKind::Conv1x1, 24, &mut init(), &Device::flex()).weight();
    let eye = Tensor::<2>::eye(24, &Device::flex());
    assert!(largest(weight.clone().matmul(weight.transpose()) - eye) < 1e-5);
}

#[test]
fn couplings() {
    for kind in [CouplingKind::Additive, CouplingKind::Affine] {
        let layer = Coupling::new(kind, 8, 6, &mut init(), &Device::flex());
        check_layer(layer, |coupling, x| coupling.frozen().forward(x), |coupling, y| coupling.frozen().inverse(y));
    }
}

#[test]
fn steps() {
    for config in configs() {
        let layer = Step::new(&config, 8, 8, &mut init(), &Device::flex());
        check_layer(layer, |step, x| step.frozen().forward(x), |step, y| step.frozen().inverse(y));
    }
}

#[test]
fn top_prior() {
    check_layer(Prior::new(8, &Device::flex()), Prior::forward, Prior::inverse);
}

#[test]
fn split() {
    let forward = |split: &Split, x: Tensor<4>| {
        let (carried, eps, log_det) = split.frozen().forward(x);
        (Tensor::cat(vec![carried, eps], 3), log_det)
    };
    let inverse = |split: &Split, y: Tensor<4>| split.frozen().inverse(y.clone().narrow(3, 0, 4), y.narrow(3, 4, 4));
    check_layer(Split::new(8, &Device::flex()), forward, inverse);
}

#[test]
fn squeeze_orders_channels_as_glow_does() {
    let x = Tensor::<1>::from_floats([0., 1., 2., 3., 4., 5., 6., 7.], &Device::flex()).reshape([1, 2, 2, 2]);
    // Channel 0 holds 0 2 4 6 row by row, channel 1 holds 1 3 5 7.
    let y = squeeze(x.clone());
    assert_eq!(host(y.clone()), [0., 2., 4., 6., 1., 3., 5., 7.]);
    assert_eq!(host(unsqueeze(y)), host(x));
}

#[test]
fn whole_models_follow_the_change_of_variables() {
    for config in configs() {
        let model = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 1).frozen();
        let x = normal([1, 8, 8, 3], 0.3, 2, &Device::flex());
        let encoding = model.forward(x.clone());
        let latents: Vec<f32> = encoding.latents.iter().flat_map(|eps| host(eps.clone())).collect();
        let square: f64 = latents.iter().map(|v| f64::from(*v).powi(2)).sum();
        let normal = -0.5 * (square + latents.len() as f64 * (2.0 * std::f64::consts::PI).ln());
        let expected = normal + log_abs_det(&x, |x| model.forward(x).latents);
        let actual = f64::from(host(encoding.log_p())[0]);
        assert!((actual - expected).abs() <= 1e-4 * expected.abs(), "{actual} {expected} {config:?}");
    }
}

#[test]
fn every_state_on_the_way_has_the_log_determinant_of_the_map_to_it() {
    for config in configs() {
        let model = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 1).frozen();
        let x = normal([1, 8, 8, 3], 0.3, 2, &Device::flex());
        let states: Vec<_> = trajectory::states(&model, x.clone()).collect();
        assert_eq!(states.len(), config.all_steps() + 1);
        for (i, (state, log_det)) in states.iter().enumerate() {
            assert_eq!(state.dims(), [1, config.dims()]);
            let to_state = |x| vec![trajectory::states(&model, x).nth(i).unwrap().0.reshape([1, 1, 1, -1])];
            let (actual, expected) = (f64::from(host(log_det.clone())[0]), log_abs_det(&x, to_state));
            assert!((actual - expected).abs() <= 1e-4 * expected.abs().max(1.0), "{i}: {actual} {expected} {config:?}");
        }
        let encoding = model.forward(x.clone());
        let (last, log_det) = states.last().unwrap().clone();
        assert_eq!(host(last), host(latents::flatten(encoding.latents.clone())));
        let normal =
            encoding.latents.iter().cloned().map(|eps| standard_normal(eps).sum()).reduce(|a, b| a + b).unwrap();
        assert!(largest(log_det + normal - encoding.log_p()) <= 1e-3);
    }
}

#[test]
fn the_map_of_bits_has_the_bits_of_the_image_as_its_mean() {
    let deep = GlowConfig { size: 16, levels: 4, ..config(CouplingKind::Affine, PermutationKind::Conv1x1) };
    for config in configs().chain([deep]) {
        let model = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 1).frozen();
        let x = normal([2, config.size, config.size, 3], 0.3, 2, &Device::flex());
        let encoding = model.forward(x);
        let map = bits_map(&host(encoding.log_p_map()), &config);
        let pixels = config.size * config.size;
        for (map, log_p) in map.chunks(pixels).zip(host(encoding.log_p())) {
            let mean = map.iter().map(|bits| f64::from(*bits)).sum::<f64>() / pixels as f64;
            let expected = bits_per_dim(f64::from(log_p), &config);
            assert!((mean - expected).abs() <= 1e-4, "{mean} {expected} {config:?}");
        }
    }
}

#[test]
fn the_map_of_bits_is_dear_where_the_image_is() {
    // A new additive model is the identity, to which a value far from 0 is a surprise.
    let config = config(CouplingKind::Additive, PermutationKind::Reverse);
    let model = Glow::new(&config, 1, &Device::flex()).unwrap().frozen();
    let x = Tensor::zeros([1, 8, 8, 3], &Device::flex());
    let plain = host(model.forward(x.clone()).log_p_map());
    // The last row's third pixel, in the fourth row and second column of the finest level's places.
    let dear = x.slice_assign([0..1, 7..8, 2..3, 0..3], Tensor::ones([1, 1, 1, 3], &Device::flex()) * 10.0);
    let changed: Vec<usize> = host(model.forward(dear).log_p_map())
        .into_iter()
        .zip(plain)
        .enumerate()
        .filter_map(|(pixel, (dear, plain))| (dear < plain - 1.0).then_some(pixel))
        .collect();
    let block = |place: usize| move |pixel: &usize| pixel / 8 / place == 7 / place && pixel % 8 / place == 2 / place;
    assert!(
        changed.iter().all(block(4)) && (0..64).filter(block(2)).all(|pixel| changed.contains(&pixel)),
        "{changed:?}"
    );
}

#[test]
fn a_step_mixes_as_its_actnorm_and_permutation_do() {
    for config in configs() {
        let step = randomised(Step::new(&config, 8, 8, &mut init(), &Device::flex()), 0.1, 3);
        let x = normal([2, 4, 4, 8], 1.0, 4, &Device::flex());
        let (normalised, of_actnorm) = step.actnorm.forward(x.clone());
        let (expected, of_permutation) = step.permutation.forward(normalised);
        let mixing = step.frozen().mixing;
        let (y, log_det) = mixing.forward(x.clone());
        assert!(largest(y.clone() - expected) <= TOLERANCE);
        assert!(largest(log_det - of_actnorm - of_permutation) <= TOLERANCE);
        let back = step.actnorm.inverse(step.permutation.inverse(y.clone()));
        assert!(largest(mixing.inverse(y) - back.clone()) <= TOLERANCE);
        assert!(largest(back - x) <= TOLERANCE);
    }
}

#[test]
fn step_by_step_it_is_the_same_way() {
    for config in configs() {
        let flow = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 3).frozen();
        let x = normal([2, 8, 8, 3], 0.3, 4, &Device::flex());
        let encoding = flow.forward(x.clone());
        let left: Vec<_> = flow.passages(x).filter_map(|passage| passage.latents).collect();
        assert_eq!(left.len(), encoding.latents.len());
        for (passed, eps) in left.into_iter().zip(&encoding.latents) {
            assert_eq!(host(passed), host(eps.clone()));
        }
        let held: Vec<_> = flow.inverse_passages(&encoding.latents).collect();
        assert_eq!(held.len(), config.all_steps());
        for Held { level, x, .. } in &held {
            let [h, w, c] = config.level_shapes()[*level];
            assert_eq!(x.dims(), [2, h, w, c]);
        }
        let image = unsqueeze(held.last().unwrap().x.clone());
        assert_eq!(host(image), host(flow.inverse(&encoding.latents)));
    }
}

#[test]
fn the_first_batch_comes_out_normalised_once() {
    let device = Device::flex();
    let x = normal([16, 8, 8, 3], 0.4, 5, &device) + 0.2;
    let assert_normalised = |actnorm: &Actnorm, x: Tensor<4>| {
        let channels = x.dims()[3];
        let y = host(actnorm.forward(x).0);
        for c in 0..channels {
            let channel: Vec<f32> = y.iter().skip(c).step_by(channels).copied().collect();
            let mean = channel.iter().sum::<f32>() / channel.len() as f32;
            let variance = channel.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / channel.len() as f32;
            assert!(mean.abs() < 1e-3 && (variance.sqrt() - 1.0).abs() < 1e-3, "mean {mean}, variance {variance}");
        }
    };
    let mut actnorm = Actnorm::new(3, &device);
    actnorm.initialise(&x);
    assert_normalised(&actnorm, x.clone());

    let model = Glow::new(&config(CouplingKind::Affine, PermutationKind::Conv1x1), 1, &device).unwrap();
    assert!(!model.initialised);
    let model = model.initialise(x.clone());
    assert!(model.initialised);
    let steps = model.levels.iter().flat_map(|level| &level.steps);
    for (step, passage) in steps.zip(model.frozen().passages(x.clone())) {
        assert_normalised(&step.actnorm, passage.x);
    }
    let before = host(model.levels[1].steps[1].actnorm.bias.val());
    assert!(before.iter().any(|v| *v != 0.0));
    let model = model.initialise(x * 3.0);
    assert_eq!(host(model.levels[1].steps[1].actnorm.bias.val()), before, "only once");
}

/// So that a signal neither grows nor fades on its way through the ReLUs.
#[test]
fn a_new_networks_weights_are_as_large_as_hes() {
    let model = Glow::new(&GlowConfig::preset("glow").unwrap(), 1, &Device::flex()).unwrap();
    for (level, half) in model.levels.iter().zip([6, 12, 24]) {
        let coupling = &level.steps[0].coupling;
        for (weight, inputs) in [(&coupling.conv0.weight, 9 * half), (&coupling.conv1.weight, 128)] {
            let variance = host(weight.val().square().mean())[0];
            assert!((variance * inputs as f32 / 2.0 - 1.0).abs() < 0.1, "{variance} of {inputs} inputs");
        }
    }
}

#[test]
fn what_only_orders_or_signs_is_not_trained() {
    for config in configs() {
        let model = Glow::new(&config, 1, &Device::flex().autodiff()).unwrap();
        match &model.levels[0].steps[0].permutation {
            Permutation::Fixed(fixed) => assert!(!fixed.matrix.is_require_grad()),
            Permutation::Conv1x1(conv) => {
                assert!(!conv.p.is_require_grad() && !conv.sign.is_require_grad());
                assert!(conv.l.is_require_grad() && conv.u.is_require_grad() && conv.log_abs_s.is_require_grad());
            }
        }
    }
}

#[test]
fn nothing_comes_back_through_a_singular_matrix() {
    let device = Device::flex();
    let mut step = Step::new(&config(CouplingKind::Additive, PermutationKind::Conv1x1), 4, 8, &mut init(), &device);
    let Permutation::Conv1x1(conv) = &mut step.permutation else { panic!("a 1x1 convolution") };
    conv.sign = conv.sign.clone().map(|sign| sign * 0.0);
    let y = normal([1, 2, 2, 4], 1.0, 1, &device);
    assert!(host(step.frozen().inverse(y)).iter().all(|x| x.is_nan()));
}

#[test]
fn what_the_levels_hold_lies_where_the_picture_had_it() {
    let config = GlowConfig { size: 16, levels: 3, ..config(CouplingKind::Affine, PermutationKind::Conv1x1) };
    let model = Glow::new(&config, 1, &Device::flex()).unwrap().frozen();
    let picture = normal([1, 16, 16, 3], 1.0, 1, &Device::flex());
    let (mut x, mut latents) = (squeeze(picture.clone()), Vec::new());
    for level in 0..3 {
        assert!(largest(model.arrange(level, x.clone(), &latents) - picture.clone()) == 0.0, "level {level}");
        let [carried, left] = halves(x);
        latents.push(left);
        x = squeeze(carried);
    }
}

#[test]
fn ten_sigma_stays_finite() {
    let device = Device::flex();
    for config in configs() {
        let model = Glow::new(&config, 1, &device).unwrap().initialise(normal([8, 8, 8, 3], 0.3, 6, &device));
        let shapes = config.latent_shapes().into_iter();
        let eps: Vec<_> = shapes.map(|[h, w, c]| normal([2, h, w, c], 10.0, 8, &device)).collect();
        assert!(largest(model.frozen().inverse(&eps)).is_finite());
        let model = randomised(model, 0.05, 4).frozen();
        let encoding = model.forward(normal([2, 8, 8, 3], 10.0 * 0.3, 7, &device));
        assert!(largest(encoding.log_p()).is_finite());
        // A random step, both ways. A stack of random affine steps may grow without bound; a trained one is watched.
        let step = randomised(Step::new(&config, 8, 8, &mut init(), &device), 0.05, 5).frozen();
        let x = normal([2, 4, 4, 8], 10.0, 9, &device);
        assert!(largest(step.inverse(x.clone())).is_finite() && largest(step.forward(x).0).is_finite());
    }
}

#[test]
fn a_new_additive_model_has_the_bits_of_a_standard_normal() {
    let config = config(CouplingKind::Additive, PermutationKind::Reverse);
    let model = Glow::new(&config, 1, &Device::flex()).unwrap().frozen();
    let x = normal([1, 8, 8, 3], 0.3, 9, &Device::flex());
    let square: f64 = host(x.clone()).iter().map(|v| f64::from(*v).powi(2)).sum();
    let d = config.dims() as f64;
    let nats = 0.5 * (square + d * (2.0 * std::f64::consts::PI).ln());
    let expected = nats / (d * std::f64::consts::LN_2) + 5.0;
    let actual = bits_per_dim(f64::from(host(model.forward(x).log_p())[0]), &config);
    assert!((actual - expected).abs() < 1e-5, "{actual} {expected}");
}

#[test]
fn nothing_that_was_learned_is_thrown_away() {
    let device = Device::flex();
    let new = |coupling| Glow::new(&config(coupling, PermutationKind::Conv1x1), 1, &device).unwrap();
    assert!(new(CouplingKind::Additive).deepen(&1.into(), 3).is_err());
    assert!(new(CouplingKind::Additive).widen(&vec![9, 7].into(), 3).is_err());
    assert!(new(CouplingKind::Affine).deepen(&3.into(), 3).is_err(), "its new steps would scale");
}

#[test]
fn a_grown_model_gives_the_halved_image_the_same_latents() {
    let device = Device::flex();
    let small = config(CouplingKind::Additive, PermutationKind::Conv1x1);
    let model = randomised(Glow::new(&small, 1, &device).unwrap(), 0.1, 1);
    let x = normal([2, 16, 16, 3], 0.3, 2, &device);
    let halved = x.clone().reshape([2, 8, 2, 8, 2, 3]).mean_dim(4).mean_dim(2).reshape([2, 8, 8, 3]);
    let expected = model.frozen().forward(halved).latents;
    let grown = model.grow(3, 6, x.clone(), 3).unwrap().frozen();
    let latents = grown.forward(x.clone()).latents;
    // A split's latents are followed by those of details; in the last level, each half of the channels is.
    let of_first = latents[1].clone().slice_dim(3, 0..6);
    let of_last = Tensor::cat(vec![latents[2].clone().slice_dim(3, 0..12), latents[2].clone().slice_dim(3, 24..36)], 3);
    assert!(largest(of_first - expected[0].clone()) <= TOLERANCE);
    assert!(largest(of_last - expected[1].clone()) <= TOLERANCE);
    let details = latents[0].clone();
    assert!((0.8..1.2).contains(&host(details.square().mean())[0]), "Gaussian details come out with variance 1");
    assert!(largest(grown.inverse(&latents) - x.clone()) <= TOLERANCE);
    let affine = config(CouplingKind::Affine, PermutationKind::Conv1x1);
    assert!(Glow::new(&affine, 1, &device).unwrap().grow(2, 8, x, 3).is_err());
}

#[test]
fn learned_noise_stays_in_its_bin_and_has_the_density_that_it_says() {
    let device = Device::flex();
    let config = config(CouplingKind::Additive, PermutationKind::Conv1x1);
    let bins = config.bins() as f32;
    for seed in 0..3 {
        let noise = randomised(Dequantiser::new(6, &mut init(), &device), 0.3, seed).frozen(&config);
        let x = normal([1, 4, 4, 3], 0.2, seed, &device).clamp(-0.49, 0.49);
        let (noisy, log_det) = noise.forward(x.clone());
        let edge = ((x.clone() + 0.5) * bins).floor();
        let u = host((noisy.clone() + 0.5) * bins - edge);
        assert!(u.iter().all(|u| (-1e-5..=1.0 + 1e-5).contains(u)), "{u:?}");
        assert!(largest(noisy - x.clone()) > 0.1 / bins, "the noise is another one");
        let expected = log_abs_det(&x, |x| vec![noise.forward(x).0]);
        let actual = f64::from(host(log_det.sum())[0]);
        assert!((actual - expected).abs() <= 1e-4 * expected.abs().max(1.0), "log det {actual}, Jacobian {expected}");
    }
}

#[test]
fn a_model_without_learned_noise_gets_it_and_keeps_it() {
    let config = config(CouplingKind::Additive, PermutationKind::Conv1x1);
    let model = randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.1, 1);
    let x = normal([2, 8, 8, 3], 0.2, 2, &Device::flex());
    let latents = |model: &Glow| host(model.frozen().forward(x.clone()).latents[1].clone());
    let uniform = model.frozen().dequantise(x.clone());
    assert!(largest(uniform.0 - x.clone()) == 0.0 && largest(uniform.1) == 0.0);
    let learning = model.clone().with_dequantiser(Some(6), 1).unwrap();
    assert_eq!((latents(&model), learning.config().dequantiser), (latents(&learning), Some(6)));
    assert!(largest(learning.frozen().dequantise(x.clone()).0 - x.clone()) > 0.0);
    let grown = learning.clone().grow(2, 8, normal([2, 16, 16, 3], 0.2, 3, &Device::flex()), 1).unwrap();
    assert!(grown.dequantiser.is_some() && grown.config().dequantiser == Some(6));
    assert!(learning.clone().with_dequantiser(Some(8), 1).is_err() && learning.with_dequantiser(None, 1).is_err());
}

#[test]
fn presets_are_models() {
    use {CouplingKind::*, PermutationKind::*};
    let device = Device::flex();
    for (name, steps, width, coupling, permutation) in [
        ("nice", 8, 128, Additive, Reverse),
        ("realnvp", 8, 128, Affine, Shuffle),
        ("keras-glow", 6, 512, Additive, Shuffle),
        ("glow", 8, 128, Affine, Conv1x1),
    ] {
        let config = GlowConfig::preset(name).unwrap();
        let (steps, width) = (steps.into(), width.into());
        let expected =
            GlowConfig { size: 32, levels: 3, steps, width, bits: 5, coupling, permutation, dequantiser: None };
        assert_eq!(config, expected, "{name}");
        let model = randomised(Glow::new(&config, 1, &device).unwrap(), 0.01, 1).frozen();
        let x = normal([1, 32, 32, 3], 0.3, 1, &device);
        let encoding = model.forward(x.clone());
        assert!(largest(encoding.latents[0].clone()) > 0.0 && largest(encoding.log_p()).is_finite());
        assert!(largest(model.inverse(&encoding.latents) - x) <= TOLERANCE, "{name}");
    }
    assert_eq!(PRESETS.len(), 4);
    assert!(GlowConfig::preset("gan").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_model_round_trips(
        levels in 1..=3_usize,
        side in 1..=2_usize,
        steps in vec(1..=3_usize, 3),
        width in vec(1..=12_usize, 3),
        batch in 1..=3_usize,
        affine in any::<bool>(),
        permutation in 0..3_usize,
        seed in 0..1000_u64,
    ) {
        let config = GlowConfig {
            size: side << levels,
            levels,
            steps: steps[..levels].to_vec().into(),
            width: width[..levels].to_vec().into(),
            bits: 5,
            coupling: if affine { CouplingKind::Affine } else { CouplingKind::Additive },
            permutation: [PermutationKind::Reverse, PermutationKind::Shuffle, PermutationKind::Conv1x1][permutation],
            dequantiser: None,
        };
        let device = Device::flex();
        let model = randomised(Glow::new(&config, seed, &device).unwrap(), 0.05, seed).frozen();
        let x = normal([batch, config.size, config.size, 3], 0.3, seed, &device);
        let encoding = model.forward(x.clone());
        for (eps, [h, w, c]) in encoding.latents.iter().zip(config.latent_shapes()) {
            prop_assert_eq!(eps.dims(), [batch, h, w, c]);
        }
        prop_assert_eq!(encoding.log_p().dims(), [batch]);
        prop_assert!(largest(model.inverse(&encoding.latents) - x) <= TOLERANCE);
    }

    #[test]
    fn a_deeper_and_wider_model_is_the_same_function(
        steps in vec((1..=3_usize, 0..=3_usize), 2),
        width in vec((1..=6_usize, 0..=6_usize), 2),
        seed in 0..1000_u64,
    ) {
        let device = Device::flex();
        let before = |numbers: &[(usize, usize)]| ByLevel::from(numbers.iter().map(|n| n.0).collect::<Vec<_>>());
        let after = |numbers: &[(usize, usize)]| ByLevel::from(numbers.iter().map(|n| n.0 + n.1).collect::<Vec<_>>());
        let small = config(CouplingKind::Additive, PermutationKind::Conv1x1);
        let small = GlowConfig { steps: before(&steps), width: before(&width), ..small };
        // With more noise, one model in 500 is so ill-conditioned that rounding alone exceeds the bounds.
        let model = randomised(Glow::new(&small, seed, &device).unwrap(), 0.05, seed);
        let x = normal([2, 8, 8, 3], 0.3, seed, &device);
        let expected = model.frozen().forward(x.clone());
        let model = model.widen(&after(&width), seed).unwrap().deepen(&after(&steps), seed).unwrap();
        let large = GlowConfig { steps: after(&steps), width: after(&width), ..small };
        prop_assert_eq!(model.config(), &large);
        for (l, level) in model.levels.iter().enumerate() {
            prop_assert_eq!(level.steps.len(), large.steps.at(l));
            prop_assert!(level.steps.iter().all(|s| s.coupling.conv1.weight.dims() == [large.width.at(l); 2]));
        }
        let flow = model.frozen();
        let encoding = flow.forward(x.clone());
        prop_assert!(largest(encoding.log_p() - expected.log_p()) <= 1e-4 * largest(expected.log_p()));
        for (a, b) in encoding.latents.iter().zip(&expected.latents) {
            prop_assert!(largest(a.clone() - b.clone()) <= 1e-5);
        }
        prop_assert!(largest(flow.inverse(&encoding.latents) - x) <= TOLERANCE);
    }
}

#[test]
fn flattened_latents_keep_their_order() {
    let config = config(CouplingKind::Additive, PermutationKind::Conv1x1);
    let device = Device::flex();
    let drawn = latents::draw(&config, None, 1, 0, 3, &vec![0.7; config.levels], &device);
    let flat = latents::flatten(drawn.clone());
    assert_eq!(flat.dims(), [3, config.dims()]);
    let first = latents::draw(&config, None, 1, 0, 1, &vec![0.7; config.levels], &device);
    assert_eq!(host(flat.clone().narrow(0, 0, 1)), host(latents::flatten(first)), "an image's values lie together");
    for (a, b) in drawn.into_iter().zip(latents::unflatten(&host(flat), &config, &device)) {
        assert_eq!(host(a), host(b));
    }
}

#[test]
fn frames_go_from_the_latents_to_the_image() {
    for config in configs() {
        let device = Device::flex();
        let model = randomised(Glow::new(&config, 1, &device).unwrap(), 0.05, 1).frozen();
        let drawn = latents::draw(&config, None, 1, 0, 1, &vec![0.7; config.levels], &device);
        let pictures: Vec<_> = trajectory::pictures(&model, &drawn).collect();
        assert_eq!(pictures.len(), config.all_steps() + 1);
        // The first shows every latent, at its place; the last is the image.
        let sorted = |tensor: Tensor<4>| {
            let mut values = host(tensor);
            values.sort_by(f32::total_cmp);
            values
        };
        let mut noise = host(latents::flatten(drawn.clone()));
        noise.sort_by(f32::total_cmp);
        assert_eq!(sorted(pictures[0].clone()), noise);
        assert_eq!(host(pictures.last().unwrap().clone()), host(model.inverse(&drawn)));
        let values: Vec<f32> = pictures.into_iter().flat_map(host).collect();
        let rgb = trajectory::to_rgb(&values, config.dims());
        assert_eq!(rgb.len(), values.len());
        assert_eq!(rgb[rgb.len() - config.dims()..], to_rgb(&values[values.len() - config.dims()..]));
    }
}
