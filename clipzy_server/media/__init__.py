"""The only place that knows FFmpeg: probe, frames, samples, writer, sandbox."""
