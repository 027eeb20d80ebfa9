//! Choosing bytes from logits.

use corex_models::Sampler;

const LOGITS: [f32; 4] = [1.0, 3.0, 2.0, -5.0];

/// How often each of the four is drawn in 4,000 draws.
fn frequencies(temperature: f32, top_k: usize) -> [usize; 4] {
    let sampler = Sampler::new(temperature, top_k, 9).expect("valid");
    let mut counts = [0; 4];
    for position in 0..4000 {
        counts[sampler.pick(&LOGITS, position).expect("finite")] += 1;
    }
    counts
}

#[test]
fn draws_follow_the_softmax() {
    let exp = LOGITS.map(corex_num::scalar::exp);
    let total: f32 = exp.iter().sum();
    for (count, exp) in frequencies(1.0, 0).into_iter().zip(exp) {
        let expected = 4000.0 * exp / total;
        assert!((count as f32 - expected).abs() < 4.0 * expected.sqrt() + 3.0, "{count} for {expected}");
    }
}

#[test]
fn temperature_and_top_k() {
    assert_eq!(frequencies(0.0, 0), [0, 4000, 0, 0]);
    assert_eq!(frequencies(1.0, 1), [0, 4000, 0, 0]);
    let [a, b, c, d] = frequencies(1.0, 2);
    assert!(a == 0 && d == 0 && b > c && c > 0);
    let hot = frequencies(100.0, 0);
    assert!(hot.iter().all(|&n| (850..1150).contains(&n)), "{hot:?}");
}

#[test]
fn the_same_seed_draws_the_same() {
    let draw = |seed| -> Vec<_> {
        let sampler = Sampler::new(1.0, 0, seed).expect("valid");
        (0..50).map(|p| sampler.pick(&LOGITS, p)).collect()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn nothing_is_drawn_from_a_diverged_model() {
    let sampler = Sampler::new(1.0, 0, 0).expect("valid");
    assert_eq!(sampler.pick(&[0.0, f32::NAN], 0), None);
    assert_eq!(sampler.pick(&[f32::INFINITY, 0.0], 0), None);
    assert_eq!(sampler.pick(&[], 0), None);
    assert_eq!(Sampler::new(0.0, 0, 0).expect("valid").pick(&[2.0, 2.0], 0), Some(0));
    assert!(Sampler::new(-1.0, 0, 0).is_err() && Sampler::new(f32::NAN, 0, 0).is_err());
}
