//! Loss curves as SVG.

use glow::error::{Error, Result};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::metrics::Metrics;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Width and height of a panel in pixels.
const PANEL: (u32, u32) = (800, 450);
const FONT: (&str, u32) = ("sans-serif", 15);
/// Okabe and Ito's colours, which everyone can tell apart.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(150, 140, 40),
];

struct Curve<'a> {
    name: &'a str,
    points: Vec<(f64, f64)>,
}

/// A run's bits/dim against images seen.
pub fn run(log: &[Metrics]) -> Result<String> {
    let curves = [
        Curve {
            name: "validation, averaged weights",
            points: log.iter().map(|m| (thousands(m), m.validation)).collect(),
        },
        Curve { name: "training batches", points: log.iter().filter_map(|m| Some((thousands(m), m.train?))).collect() },
    ];
    draw(PANEL, |root| panel(root, "thousands of images seen", &curves))
}

/// The validation bits/dim of several runs, each with its name, against images seen and, if wanted, against time.
pub fn runs<'a>(logs: impl Iterator<Item = (&'a str, &'a [Metrics])> + Clone, time: bool) -> Result<String> {
    let curves = |x: fn(&Metrics) -> f64| -> Vec<Curve> {
        let points = |log: &[Metrics]| log.iter().map(|m| (x(m), m.validation)).collect();
        logs.clone().map(|(name, log)| Curve { name, points: points(log) }).collect()
    };
    let panels = if time { 2 } else { 1 };
    draw((PANEL.0, panels * PANEL.1), |root| {
        let (upper, lower) = root.split_vertically(PANEL.1);
        panel(&upper, "thousands of images seen", &curves(thousands))?;
        if time { panel(&lower, "minutes", &curves(|m| m.seconds / 60.0)) } else { Ok(()) }
    })
}

fn thousands(metrics: &Metrics) -> f64 {
    metrics.images as f64 / 1000.0
}

fn draw(size: (u32, u32), draw: impl FnOnce(&Area) -> Drawn) -> Result<String> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let drawn = root.fill(&WHITE).map_err(Into::into).and_then(|()| draw(&root)).and_then(|()| Ok(root.present()?));
    drop(root);
    drawn.map_err(|error| Error::Data(format!("the loss curve could not be drawn: {error}")))?;
    Ok(svg)
}

/// bits/dim against `x`.
fn panel(area: &Area, x: &str, curves: &[Curve]) -> Drawn {
    let end = curves.iter().filter_map(|curve| Some(curve.points.last()?.0)).fold(1e-3, f64::max);
    // The steep beginning is cut off, so that the rest can be read.
    let late = curves.iter().flat_map(|curve| {
        let end = curve.points.last().map_or(0.0, |point| point.0);
        curve.points.iter().filter(move |point| point.0 >= 0.05 * end)
    });
    let bits: Vec<f64> = late.map(|point| point.1).collect();
    let low = bits.iter().copied().fold(f64::INFINITY, f64::min);
    let high = bits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // An axis without two different, finite ends would be drawn for ever.
    if !(high - low).is_finite() {
        return Err("there is nothing to draw".into());
    }
    let margin = 0.05 * (high - low) + 1e-3 * high.abs().max(1.0);
    let mut chart = ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..end, low - margin..high + margin)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.1))
        .x_desc(x)
        .y_desc("bits/dim")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.2}"))
        .label_style(FONT)
        .axis_desc_style(FONT)
        .draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let points = curve.points.iter().copied().filter(|point| point.1 <= high + margin);
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().label_font(FONT).background_style(WHITE).border_style(BLACK.mix(0.2)).draw()?;
    Ok(())
}
