using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Patients;

/// <summary>The patients over HTTP.</summary>
internal static class PatientEndpoints
{
    public static void AddPatients(this IServiceCollection services)
    {
        services.AddOptions<StoreDelayOptions>().BindConfiguration(StoreDelayOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PatientStore>();
        services.AddSingleton<PatientCache>();
    }

    public static void MapPatients(this IEndpointRouteBuilder app)
    {
        app.MapGet("/patients/{id}", ReadAsync);
        app.MapGet("/patients", ReadManyAsync);
        app.MapGet("/wards", static () => SyntheticPatients.Wards);
        app.MapGet("/wards/{ward}", ReadWardAsync);
        app.MapPut("/patients/{id}", UpdateAsync);
        app.MapDelete("/patients/{id}", RemoveAsync);
        app.MapDelete("/cache/{id}", DropAsync);
    }

    private static async Task<IResult> ReadAsync(string id, PatientCache patients, CancellationToken cancellationToken)
    {
        if (!PatientRules.TryReadId(id, out int number))
        {
            return BadId();
        }

        return await patients.ReadAsync(number, cancellationToken) is { } read ? TypedResults.Ok(read) : UnknownId(number);
    }

    private static async Task<IResult> ReadManyAsync(string? ids, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        if (PatientRules.ReadIds(ids ?? "") is not { } numbers)
        {
            return Problem(StatusCodes.Status400BadRequest, $"Say ids=1,2,3: 1 to {PatientRules.MaximumIds} whole numbers, each from 1 to {PatientRules.MaximumId}.");
        }

        PatientsAnswer answer = await MeasureManyAsync(numbers, patients, time, cancellationToken);
        return answer.Patients.Count > 0 ? TypedResults.Ok(answer) : Problem(StatusCodes.Status404NotFound, "No patient has any of these ids.");
    }

    private static async Task<IResult> ReadWardAsync(string ward, PatientStore store, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SyntheticPatients.Wards.Contains(ward))
        {
            return Problem(StatusCodes.Status404NotFound, $"There is no such ward. The wards are {string.Join(", ", SyntheticPatients.Wards)}.");
        }

        return TypedResults.Ok(await MeasureManyAsync(store.FindIdsOfWard(ward), patients, time, cancellationToken));
    }

    private static async Task<IResult> UpdateAsync(string id, HttpRequest request, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PatientRules.TryReadId(id, out int number))
        {
            return BadId();
        }

        PatientChanges? changes;
        try
        {
            changes = request.HasJsonContentType() ? await request.ReadFromJsonAsync<PatientChanges>(cancellationToken) : null;
        }
        catch (JsonException fault)
        {
            // The place only: the message of the exception can repeat what was sent.
            return Problem(StatusCodes.Status400BadRequest, $"The body is not a JSON object of patient fields (at {fault.Path ?? "$"}).");
        }
        catch (BadHttpRequestException fault)
        {
            return Problem(fault.StatusCode, $"The body could not be read. It may have {PatientRules.MaximumBodyBytes} bytes.");
        }

        if (changes is null)
        {
            return Problem(StatusCodes.Status400BadRequest, "Send the changed fields as a JSON object, with Content-Type: application/json.");
        }

        Dictionary<string, string[]> faults = PatientRules.FindFaults(changes, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        if (faults.Count > 0)
        {
            return TypedResults.ValidationProblem(faults);
        }

        return await patients.UpdateAsync(number, changes, cancellationToken) is { } changed ? TypedResults.Ok(changed) : UnknownId(number);
    }

    private static async Task<IResult> RemoveAsync(string id, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PatientRules.TryReadId(id, out int number))
        {
            return BadId();
        }

        long start = time.GetTimestamp();
        return await patients.RemoveAsync(number, cancellationToken) ? Done(time, start) : UnknownId(number);
    }

    private static async Task<IResult> DropAsync(string id, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PatientRules.TryReadId(id, out int number))
        {
            return BadId();
        }

        long start = time.GetTimestamp();
        await patients.DropAsync(number, cancellationToken);
        return Done(time, start);
    }

    private static async Task<PatientsAnswer> MeasureManyAsync(IReadOnlyList<int> ids, PatientCache patients, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        return PatientsAnswer.Of(ids, await patients.ReadManyAsync(ids, cancellationToken), time.GetElapsedTime(start));
    }

    private static Ok<ChangeAnswer> Done(TimeProvider time, long start) => TypedResults.Ok(new ChangeAnswer(time.GetElapsedTime(start).TotalMilliseconds));

    private static ProblemHttpResult BadId() => Problem(StatusCodes.Status400BadRequest, $"An id is a whole number from 1 to {PatientRules.MaximumId}.");

    private static ProblemHttpResult UnknownId(int id) => Problem(StatusCodes.Status404NotFound, $"No patient has the id {id}.");

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
