namespace Clinic.Redis;

/// <summary>Stops and starts the embedded server, to try out what an outage does. Mapped in development only.</summary>
internal static class OutageEndpoints
{
    public static void MapOutage(this IEndpointRouteBuilder app, EmbeddedRedis redis)
    {
        RouteGroupBuilder group = app.MapGroup("/redis").AddEndpointFilter(RefuseOtherOriginsAsync);
        group.MapPost("/stop", () => Change(redis, redis.Stop));
        group.MapPost("/start", () => Change(redis, redis.Start));
    }

    private static OutageAnswer Change(EmbeddedRedis redis, Action change)
    {
        change();
        return new OutageAnswer(redis.IsRunning);
    }

    // A page of another site can send a POST to localhost; a browser says from where it does.
    private static ValueTask<object?> RefuseOtherOriginsAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        return request.Headers.Origin == $"{request.Scheme}://{request.Host}"
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.Problem("Only the start page may ask for this.", statusCode: StatusCodes.Status403Forbidden));
    }
}
