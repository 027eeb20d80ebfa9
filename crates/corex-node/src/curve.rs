//! The loss curve, as numbers (CSV) and as a picture (SVG).

use std::fmt::Write;

/// One point: training loss of a step, or held-out loss before that step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Optimizer step, from 0.
    pub step: u64,
    /// Mean cross-entropy in nats per token.
    pub loss: f32,
}

/// `step,train_loss,heldout_loss`; an empty cell where there is no value.
pub fn csv(train: &[Point], heldout: &[Point]) -> String {
    let mut rows = std::collections::BTreeMap::<u64, [Option<f32>; 2]>::new();
    for (column, points) in [train, heldout].into_iter().enumerate() {
        for p in points {
            rows.entry(p.step).or_default()[column] = Some(p.loss);
        }
    }
    let cell = |v: Option<f32>| v.map(|x| x.to_string()).unwrap_or_default();
    let mut out = String::from("step,train_loss,heldout_loss\n");
    for (step, [t, h]) in rows {
        let _ = writeln!(out, "{step},{},{}", cell(t), cell(h));
    }
    out
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const MARGIN: f64 = 50.0;

/// A line chart that needs no viewer but a browser.
pub fn svg(train: &[Point], heldout: &[Point]) -> String {
    let finite = || train.iter().chain(heldout).filter(|p| p.loss.is_finite());
    let last = finite().map(|p| p.step).max().unwrap_or(1).max(1) as f64;
    let top = finite().map(|p| f64::from(p.loss)).fold(0.0, f64::max).max(1e-6) * 1.05;
    let bottom = finite().map(|p| f64::from(p.loss)).fold(top, f64::min) * 0.9;
    let x = |step: f64| MARGIN + step / last * (WIDTH - 2.0 * MARGIN);
    let y = |loss: f64| HEIGHT - MARGIN - (loss - bottom) / (top - bottom) * (HEIGHT - 2.0 * MARGIN);
    let line = |points: &[Point]| {
        let mut path = String::new();
        for p in points.iter().filter(|p| p.loss.is_finite()) {
            let _ = write!(path, "{:.1},{:.1} ", x(p.step as f64), y(f64::from(p.loss)));
        }
        path
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Loss over optimizer steps</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for i in 0..=4 {
        let loss = bottom + (top - bottom) * f64::from(i) / 4.0;
        let step = (last * f64::from(i) / 4.0).round();
        let _ = writeln!(
            out,
            "<path d=\"M{MARGIN} {0:.1}H{1}\" stroke=\"#ddd\"/><text x=\"{2}\" y=\"{3:.1}\" text-anchor=\"end\">{loss:.2}</text>\
             <text x=\"{4:.1}\" y=\"{5}\" text-anchor=\"middle\">{step}</text>",
            y(loss),
            WIDTH - MARGIN,
            MARGIN - 6.0,
            y(loss) + 4.0,
            x(step),
            HEIGHT - MARGIN + 18.0,
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">step</text>\n\
         <text x=\"{0}\" y=\"24\" text-anchor=\"middle\">loss (nats per byte): \
         <tspan fill=\"#1f77b4\">training</tspan>, <tspan fill=\"#d62728\">held out</tspan></text>",
        WIDTH / 2.0,
        HEIGHT - 10.0
    );
    for (points, colour) in [(train, "#1f77b4"), (heldout, "#d62728")] {
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            line(points).trim_end()
        );
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: &[Point] = &[Point { step: 0, loss: 5.5 }, Point { step: 1, loss: 2.75 }];
    const HELDOUT: &[Point] = &[Point { step: 1, loss: 3.0 }];

    #[test]
    fn csv_joins_by_step() {
        assert_eq!(csv(TRAIN, HELDOUT), "step,train_loss,heldout_loss\n0,5.5,\n1,2.75,3\n");
    }

    #[test]
    fn svg_is_closed_and_has_both_lines_even_without_points() {
        for (t, h) in [(TRAIN, HELDOUT), (&[][..], &[][..])] {
            let s = svg(t, h);
            assert!(s.starts_with("<svg") && s.ends_with("</svg>\n") && !s.contains("NaN"), "{s}");
            assert_eq!(s.matches("<polyline").count(), 2);
        }
    }
}
